import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { buildOutcomeEvent } from '../src/contracts/outcome-event.ts';
import type { VerificationInput, VerificationResult } from '../src/contracts/workflow.ts';
import { emit } from './emit.ts';
import type { Finishing, Moment } from './moment.ts';
import { callsSpent } from './moment.ts';
import { story } from './story.ts';
import { showDecided } from './visibility.ts';

/**
 * Fixes the outcome, shows it, publishes it. `completedAt` and `emittedAt` are workflow time at this point: the event is
 * the activity's recorded input, so every attempt and every replay sends the same bytes.
 */
export async function finish(input: VerificationInput, moment: Moment<Finishing>): Promise<VerificationResult> {
  const { state, decision } = moment;
  const { workflowId, runId } = workflowInfo();
  const nowMs = Date.now();
  const deadlineAtMs = Date.parse(input.deadlineAt);
  const outcome = buildOutcomeEvent({ input, state, verdict: decision.verdict, workflowId, runId, nowMs });
  showDecided(decision.verdict, callsSpent(state));
  setCurrentDetails(story({ ...moment, deadlineAtMs, nowMs }));
  const emission = await emit({
    v: 1,
    event: outcome,
    ...(input.traceparent === undefined ? {} : { traceparent: input.traceparent }),
  });
  setCurrentDetails(story({ ...moment, deadlineAtMs, nowMs: Date.now(), emission }));
  return { outcome, emission };
}
