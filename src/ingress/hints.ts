import { backoffMs } from '../async/backoff.ts';
import { createSemaphore } from '../async/semaphore.ts';
import type { Clock } from '../async/sleep.ts';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { HintAnswer } from '../contracts/workflow.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { HintFacts } from './classify.ts';
import { type HintDrop, type HintSender, type InboundRecord, type IngressEvents, positionOf } from './ports.ts';
import type { InTurn, UntilDone } from './retry.ts';

export type HintPorts = {
  readonly hintSender: HintSender;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: IngressEvents;
  /** How long a hint waits for its workflow, in ms. Default 30 s. */
  readonly hintRetryMs?: number;
  /** How many hints may wait at once; more are dropped. Default 1000. */
  readonly maxWaitingHints?: number;
  readonly untilSent: UntilDone;
  readonly inTurn: InTurn;
};

export type HintDelivery = {
  /**
   * Resolves once the hint is delivered, or waits for its workflow beside the batch, or will never be taken.
   * @throws AbandonedError, RecordAtFaultError.
   */
  deliver(record: InboundRecord, about: { readonly asked: HintFacts; readonly signal: AbortSignal }): Promise<void>;
  /** Drops what waits. Resolves once nothing uses the sender any more. */
  close(): Promise<void>;
};

export function createHintDelivery(ports: HintPorts): HintDelivery {
  const { hintSender, events, untilSent, inTurn } = ports;
  const waiting = createWaitingHints(ports);
  return {
    async deliver(record, { asked, signal }) {
      const { verificationId, hint, distrusted } = asked;
      if (distrusted === true) events.hintDistrusted({ ...positionOf(record), verificationId, kind: hint.kind });
      const send = async (): Promise<HintAnswer> => await hintSender.send(workflowIdOf(verificationId), hint);
      const answer = await untilSent(async () => await inTurn(send, signal), { record, signal });
      if (answer === 'NOT_FOUND') waiting.add(asked);
      else if (answer === 'REFUSED') events.hintDropped({ verificationId, why: answer });
      else events.hintDelivered({ verificationId, kind: hint.kind });
    },
    close: waiting.close,
  };
}

const CONCURRENT_SENDS = 8;

/**
 * Keeps hints whose workflow is not there yet, apart from the batch: a hint only advises, and a batch that waited for it would
 * hold up the requests fetched with it. A process that ends drops them; the planned reads remain.
 */
function createWaitingHints(ports: HintPorts): { add(hint: HintFacts): void; close(): Promise<void> } {
  const { hintSender, clock, random, events, hintRetryMs = 30_000, maxWaitingHints = 1000 } = ports;
  const stopping = new AbortController();
  const sends = createSemaphore(CONCURRENT_SENDS);
  const waiting = new Set<Promise<void>>();
  const drop = ({ verificationId }: HintFacts, why: HintDrop): void => events.hintDropped({ verificationId, why });

  async function wait(asked: HintFacts): Promise<void> {
    const { verificationId, hint } = asked;
    const giveUpAtMs = clock.now() + hintRetryMs;
    for (let attempt = 1; ; attempt += 1) {
      await clock.sleep(backoffMs(attempt, { firstMs: 800, longestMs: 10_000, random }), stopping.signal);
      if (stopping.signal.aborted) return drop(asked, 'STOPPED');
      // Closing waits for the sends under way, not for those in line behind them.
      const answer = await sends.run(async () => (stopping.signal.aborted ? 'UNKNOWN' : await trySend(hintSender, asked)));
      if (answer === 'DELIVERED') return events.hintDelivered({ verificationId, kind: hint.kind });
      if (answer === 'FAILED' || answer === 'REFUSED') return drop(asked, answer);
      if (answer === 'NOT_FOUND' && clock.now() >= giveUpAtMs) return drop(asked, 'NOT_FOUND');
    }
  }

  return {
    add(asked) {
      if (stopping.signal.aborted) return drop(asked, 'STOPPED');
      if (waiting.size >= maxWaitingHints) return drop(asked, 'OVERLOAD');
      const one = wait(asked).finally(() => waiting.delete(one));
      waiting.add(one);
    },
    async close() {
      stopping.abort();
      await Promise.all(waiting);
    },
  };
}

/** An outage says nothing about the workflow: it does not use up the hint's time. */
async function trySend(sender: HintSender, { verificationId, hint }: HintFacts): Promise<HintAnswer | 'UNKNOWN' | 'FAILED'> {
  try {
    return await sender.send(workflowIdOf(verificationId), hint);
  } catch (error) {
    return error instanceof DependencyUnavailableError ? 'UNKNOWN' : 'FAILED';
  }
}
