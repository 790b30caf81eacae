import { assignmentOf } from '../../src/contracts/assignment.ts';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { type EndingCode, unjudged } from '../../src/domain/judging/unjudged.ts';
import { buildOutcomeEvent, type OutcomeEvent } from '../../src/domain/outcome.ts';
import { initialState } from '../../src/domain/state.ts';

/** What a run that has read nothing would emit as revision 1. */
export function unreadOutcome(
  input: VerificationInput,
  {
    code = 'WINDOW_PASSED',
    runId = 'home',
    atMs = Date.parse(input.admittedAt),
  }: { code?: EndingCode; runId?: string; atMs?: number } = {},
): OutcomeEvent {
  const state = initialState(assignmentOf(input));
  const verdict = unjudged([code], { state, atMs });
  return buildOutcomeEvent({ input, state, verdict, workflowId: workflowIdOf(input.verificationId), runId, nowMs: atMs });
}
