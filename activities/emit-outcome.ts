import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { backoffMs } from '../src/async/backoff.ts';
import { type Breaker, HeldBackError } from '../src/async/breaker.ts';
import type { EmitOutcomeOrder, Emitted, TraceContext } from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import type { RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import type { OutcomeEvent } from '../src/domain/outcome.ts';
import { primaryOf } from '../src/domain/reasons.ts';
import { chooseRevision } from './choose-revision.ts';
import type { ActivityEvents, OutcomeSink, Grants, VerificationLedger } from './ports.ts';
import { isHome } from './quota-guard.ts';

export type EmitOutcomePorts = {
  readonly outcomeSink: OutcomeSink;
  readonly ledger: VerificationLedger;
  readonly grants: Grants;
  readonly events: ActivityEvents;
  readonly onIdle: (verificationId: string) => void;
  readonly now: () => number;
  readonly seekHomeForMs: number;
  readonly breaker: Breaker;
};

/**
 * Publishes the outcome and answers where it landed. A rejection reaches Temporal, which repeats it for as long as it
 * takes: the event is fixed in the order, or in its grant, so every repetition carries the same bytes under the
 * same id. A run that is not the home run asks the ledger first.
 *
 * Reads of the vendor wait for nobody, so an emission must not hold the worker's slots: while Kafka is known to be away it is
 * held back at once, told when to come again.
 */
export async function emitOutcome(ports: EmitOutcomePorts, order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads> {
  try {
    return await ports.breaker.run(async (arrived) => await emit(ports, order, arrived));
  } catch (error) {
    if (!(error instanceof HeldBackError)) throw error;
    // What comes back by itself occupies nobody's place meanwhile.
    ports.onIdle(order.event.verificationId);
    throw comeAgain(error, activityInfo().attempt);
  }
}

const RETRY = { firstMs: 1_000, longestMs: 60_000 } as const;

/** Benign: the SDK logs no warning and counts no failure for it. */
function comeAgain({ message, retryInMs }: HeldBackError, attempt: number): ApplicationFailure {
  const nextRetryDelay = Math.max(retryInMs, backoffMs(attempt, { ...RETRY, random: Math.random }));
  return ApplicationFailure.create({ message, type: 'HeldBack', nextRetryDelay: Math.round(nextRetryDelay), category: 'BENIGN' });
}

/** Publishes the order's own event, unless Kafka is known to be away. @throws HeldBackError without having begun. */
export async function publishHeld(ports: EmitOutcomePorts, order: Publication): Promise<Emitted> {
  return await ports.breaker.run(async (arrived) => await publish(ports, order, arrived));
}

async function emit(ports: EmitOutcomePorts, order: EmitOutcomeOrder, arrived: () => void): Promise<Emitted | RecoveredReads> {
  const dispatch = activityInfo();
  const { verificationId } = order.event;
  const run = dispatch.workflowExecution;
  if (run !== undefined && isHome(run, { ...order, verificationId })) return await publish(ports, order, arrived);
  const chosen = await chooseRevision(ports, { order, dispatch });
  if (chosen.kind === 'RECOVERED') {
    ports.events.readsRecovered({ verificationId, reads: chosen.reads.length });
    return chosen;
  }
  const { event } = chosen;
  return { ...(await publish(ports, { ...order, event }, arrived)), event };
}

type Publication = TraceContext & { readonly event: OutcomeEvent };

async function publish(ports: EmitOutcomePorts, { event, traceparent, tracestate }: Publication, arrived: () => void): Promise<Emitted> {
  const beganAtMs = ports.now();
  const receipt = await ports.outcomeSink.publish(event, defined({ traceparent, tracestate }));
  arrived();
  const primary = primaryOf(event.reasons);
  ports.events.outcomeEmitted({
    verificationId: event.verificationId,
    outcome: event.outcome,
    ...(primary === undefined ? {} : { primaryReason: primary.code }),
    callsUsed: event.retrieval.callsUsed,
    issuedAt: event.timestamps.issuedAt,
    receipt,
    durationMs: ports.now() - beganAtMs,
  });
  ports.onIdle(event.verificationId);
  return receipt;
}
