import { activityInfo } from '@temporalio/activity';
import type { EmitOutcomeOrder, Emitted } from '../src/contracts/workflow.ts';
import type { RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import type { OutcomeEvent } from '../src/domain/outcome.ts';
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
};

/**
 * Publishes the outcome and answers where it landed. A rejection reaches Temporal, which repeats it for as long as it
 * takes: the event is fixed in the order, or in its grant, so every repetition carries the same bytes under the
 * same id. A run that is not the home run asks the ledger first.
 */
export async function emitOutcome(ports: EmitOutcomePorts, order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads> {
  const dispatch = activityInfo();
  const { verificationId } = order.event;
  const run = dispatch.workflowExecution;
  if (run !== undefined && isHome(run, { ...order, verificationId })) return publish(ports, order);
  const chosen = await chooseRevision(ports, { order, dispatch });
  if (chosen.kind === 'RECOVERED') {
    ports.events.readsRecovered({ verificationId, reads: chosen.reads.length });
    return chosen;
  }
  const { event } = chosen;
  return { ...(await publish(ports, { ...order, event })), event };
}

async function publish(ports: EmitOutcomePorts, order: { readonly event: OutcomeEvent; readonly traceparent?: string }): Promise<Emitted> {
  const { event, traceparent } = order;
  const beganAtMs = ports.now();
  const receipt = await ports.outcomeSink.publish(event, traceparent === undefined ? undefined : { traceparent });
  const [primary] = event.reasons;
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
