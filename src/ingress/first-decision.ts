import { assignmentOf } from '../contracts/assignment.ts';
import type { VerificationInput } from '../contracts/workflow.ts';
import { decide } from '../domain/decide.ts';
import { initialState } from '../domain/initial-state.ts';

/** True if the verification reads as soon as it is started; the others begin by waiting and occupy no worker. */
export function startsWithRead(input: VerificationInput, nowMs: number): boolean {
  return decide(initialState(assignmentOf(input)), nowMs).kind === 'READ';
}
