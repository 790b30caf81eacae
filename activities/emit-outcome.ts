import type { EmissionReceipt, EmitOutcomeOrder } from '../src/contracts/workflow.ts';
import type { ActivityEvents, OutcomeSink } from './ports.ts';

export type EmitOutcomePorts = {
  readonly outcomeSink: OutcomeSink;
  readonly events: ActivityEvents;
  readonly onSettled: (verificationId: string) => void;
  readonly now: () => number;
};

/**
 * Publishes the outcome and answers where it landed. A rejection reaches Temporal, which repeats it for as long as it
 * takes: the event is fixed in the order, so every repetition carries the same bytes under the same id.
 */
export async function emitOutcome(ports: EmitOutcomePorts, order: EmitOutcomeOrder): Promise<EmissionReceipt> {
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
  ports.onSettled(event.verificationId);
  return receipt;
}
