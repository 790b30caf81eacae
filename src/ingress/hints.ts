import { backoffMs } from '../async/backoff.ts';
import { createSemaphore } from '../async/semaphore.ts';
import type { Clock } from '../async/sleep.ts';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { HintAnswer, HintSignal } from '../contracts/workflow.ts';
import type { HintDrop, HintSender, IngressEvents } from './ports.ts';

export type WaitingHint = { readonly verificationId: string; readonly workflowId: string; readonly hint: HintSignal };

/**
 * Holds hints whose workflow is not there yet, apart from the batch: a hint only advises, and a batch that waited for it
 * would hold up the requests fetched with it. A process that ends drops them; the planned reads remain.
 */
export type HintWaiting = {
  hold(waiting: WaitingHint): void;
  /** Drops what waits. Resolves once nothing uses the sender any more. */
  close(): Promise<void>;
};

export type HintWaitingOptions = {
  readonly sender: HintSender;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: IngressEvents;
  /** How long a hint waits for its workflow (design §4: 30 s). */
  readonly retryForMs: number;
  readonly capacity: number;
};

const CONCURRENT_SENDS = 8;

export function createHintWaiting(options: HintWaitingOptions): HintWaiting {
  const { clock, events } = options;
  const stopping = new AbortController();
  const sends = createSemaphore(CONCURRENT_SENDS);
  const held = new Set<Promise<void>>();
  const drop = ({ verificationId }: WaitingHint, why: HintDrop): void => events.hintDropped({ verificationId, why });

  async function wait(waiting: WaitingHint): Promise<void> {
    const giveUpAtMs = clock.now() + options.retryForMs;
    for (let attempt = 1; ; attempt += 1) {
      await clock.sleep(backoffMs(attempt, { firstMs: 800, longestMs: 10_000, random: options.random }), stopping.signal);
      if (stopping.signal.aborted) return drop(waiting, 'STOPPED');
      // Closing waits for the sends under way, not for those in line behind them.
      const answer = await sends.run(async () => (stopping.signal.aborted ? 'UNKNOWN' : await trySend(options.sender, waiting)));
      if (answer === 'DELIVERED') return events.hintDelivered({ verificationId: waiting.verificationId, kind: waiting.hint.kind });
      if (answer === 'FAILED' || answer === 'REFUSED') return drop(waiting, answer);
      if (answer === 'NOT_FOUND' && clock.now() >= giveUpAtMs) return drop(waiting, 'NOT_FOUND');
    }
  }

  return {
    hold(waiting) {
      if (stopping.signal.aborted) return drop(waiting, 'STOPPED');
      if (held.size >= options.capacity) return drop(waiting, 'OVERLOAD');
      const one = wait(waiting).finally(() => held.delete(one));
      held.add(one);
    },
    async close() {
      stopping.abort();
      await Promise.all(held);
    },
  };
}

/** An outage says nothing about the workflow: it does not use up the hint's time. */
async function trySend(sender: HintSender, { workflowId, hint }: WaitingHint): Promise<HintAnswer | 'UNKNOWN' | 'FAILED'> {
  try {
    return await sender.send(workflowId, hint);
  } catch (error) {
    return error instanceof DependencyUnavailableError ? 'UNKNOWN' : 'FAILED';
  }
}
