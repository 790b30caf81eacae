import type { VerificationInput } from '../../contracts/workflow.ts';
import type { PlanPolicy } from './plan-line.ts';

/** The input of the run that executes the line: the home run's, under the line's policy, with the operator's order. */
export function replayInput(
  input: VerificationInput,
  { policy, replay }: { readonly policy: PlanPolicy; readonly replay: NonNullable<VerificationInput['replay']> },
): VerificationInput {
  return { ...input, policy: { ...input.policy, requiredFar: policy.requiredFar }, comparisons: policy.comparisons, replay };
}
