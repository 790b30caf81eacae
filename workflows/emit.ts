import { ActivityFailure, ApplicationFailure, patched, proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import { isEmitted, isRecovered } from '../src/contracts/read-answer.ts';
import {
  type EmitOutcomeOrder,
  type Emitted,
  HOME_GONE,
  type RecoveredReads,
  type VerificationActivities,
} from '../src/contracts/workflow.ts';
import { EMIT_AGAIN_LABEL, emitLabel } from './labels.ts';
import { showUndecided } from './visibility.ts';

const HOME_GONE_PATCH = 'home-gone';

// No schedule-to-close and no limit of attempts: an outage of Kafka of any length delays an outcome and loses none.
const OPTIONS = {
  startToCloseTimeout: 60_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
} as const;

const { emitOutcome } = proxyActivities<Pick<VerificationActivities, 'emitOutcome'>>(OPTIONS);

/** Temporal gives up, or knows no receipt, only if an operator limits the attempts or ends the activity by hand. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Publishes the outcome, repeating the same bytes until the brokers have them; or learns of reads that change it.
 * @throws ApplicationFailure {@link HOME_GONE} when publishing it could take back what nobody remembers: the run fails.
 */
export async function emit(order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads> {
  for (;;) {
    try {
      const answer: unknown = await emitOutcome.executeWithOptions({ ...OPTIONS, summary: emitLabel(order.event.outcome) }, [order]);
      if (isEmitted(answer) || isRecovered(answer)) return answer;
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      const { cause } = error;
      if (cause instanceof ApplicationFailure && cause.type === HOME_GONE && patched(HOME_GONE_PATCH)) {
        showUndecided();
        setCurrentDetails(`**Now** ended without an outcome: ${cause.message}`);
        throw cause;
      }
    }
    await sleep(AGAIN_AFTER_MS, { summary: EMIT_AGAIN_LABEL });
  }
}
