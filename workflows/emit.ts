import { proxyActivities } from '@temporalio/workflow';
import type { Emitted, EmitOutcomeOrder, RecoveredReads, VerificationActivities } from '../src/contracts/workflow.ts';
import { emitLabel } from './labels.ts';

// No schedule-to-close and no limit of attempts: an outage of Kafka of any length delays an outcome and loses none.
const OPTIONS = {
  startToCloseTimeout: 60_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
} as const;

const { emitOutcome } = proxyActivities<Pick<VerificationActivities, 'emitOutcome'>>(OPTIONS);

/** Publishes the outcome, repeating the same bytes until the brokers have them; or learns of reads that change it. */
export function emit(order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads> {
  return emitOutcome.executeWithOptions({ ...OPTIONS, summary: emitLabel(order.event.outcome) }, [order]);
}
