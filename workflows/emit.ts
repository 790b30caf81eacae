import {
  ActivityFailure,
  ApplicationFailure,
  patched,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { defined } from '../src/domain/defined.ts';
import { isEmitted, isRecovered } from '../src/contracts/recorded.ts';
import { EMIT_AGAIN_LABEL, emitLabel } from '../src/contracts/text/labels.ts';
import { story } from '../src/contracts/text/story.ts';
import {
  type EmitOutcomeOrder,
  type Emitted,
  HOME_GONE,
  type VerificationActivities,
  type VerificationInput,
  type VerificationResult,
} from '../src/contracts/workflow.ts';
import type { RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import { buildOutcomeEvent, type OutcomeFacts } from '../src/domain/outcome.ts';
import { accountOf } from '../src/domain/reading/slots.ts';
import { askingRun } from './asking-run.ts';
import { callsSpent, type Finishing, type Moment } from './moment.ts';
import { showDecided, showUndecided } from './visibility.ts';

/**
 * Fixes the outcome, shows it, publishes it. `completedAt` and `emittedAt` are workflow time at this point: the event is
 * the activity's recorded input, so every attempt and every replay sends the same bytes. Nothing is published, and the
 * reads answered, if the ledger knows reads that this run does not.
 */
export async function finish(input: VerificationInput, moment: Moment<Finishing>): Promise<VerificationResult | RecoveredReads> {
  const { state, decision } = moment;
  const { workflowId, runId } = workflowInfo();
  const nowMs = Date.now();
  const deadlineAtMs = Date.parse(input.deadlineAt);
  const outcome = buildOutcomeEvent({ input, state, verdict: decision.verdict, workflowId, runId, nowMs, ...actorOf(input) });
  showDecided(decision.verdict, callsSpent(state));
  setCurrentDetails(story({ ...moment, deadlineAtMs, nowMs }));
  const answer = await emit({
    v: 1,
    event: outcome,
    ...askingRun(input, { countedReads: callsSpent(state), answeredReads: accountOf(state).answered }),
    ...defined({ traceparent: input.traceparent }),
  });
  if ('kind' in answer) return answer;
  const { event = outcome, ...emission } = answer;
  setCurrentDetails(story({ ...moment, deadlineAtMs, nowMs: Date.now(), emission }));
  return { outcome: event, emission };
}

/** An outcome that an operator's replay brought about names the operator. */
function actorOf({ replay }: VerificationInput): Pick<OutcomeFacts, 'actor'> {
  if (replay === undefined) return {};
  const justification = replay.ticket === undefined ? replay.reason : `${replay.reason} (${replay.ticket})`;
  return { actor: { type: 'OPERATOR', id: replay.operator, justification } };
}

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
async function emit(order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads> {
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
