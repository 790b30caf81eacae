import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { buildOutcomeEvent, type OutcomeFacts } from '../src/contracts/outcome-event.ts';
import type { RecoveredReads, VerificationInput, VerificationResult } from '../src/contracts/workflow.ts';
import { spending } from '../src/domain/slots.ts';
import { askingRun } from './asking-run.ts';
import { emit } from './emit.ts';
import { callsSpent, type Finishing, type Moment } from './moment.ts';
import { story } from './story.ts';
import { showDecided } from './visibility.ts';

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
    ...askingRun(input, { countedReads: callsSpent(state), spentReads: spending(state).spent }),
    ...(input.traceparent === undefined ? {} : { traceparent: input.traceparent }),
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
