import { ApplicationFailure } from '@temporalio/workflow';
import type { VerificationInput } from '../src/contracts/workflow.ts';

/**
 * Refuses what only a start by hand can contain; ingress has validated everything. Without this, a missing instant would
 * become an endlessly repeated workflow task instead of a readable failure.
 * @throws ApplicationFailure (not retryable) `UnsupportedInput`.
 */
export function assertInput(input: VerificationInput | undefined): asserts input is VerificationInput {
  const instants = [input?.issuedAt, input?.admittedAt, input?.tokenExpiresAt, input?.deadlineAt];
  const readable = instants.every((instant) => instant !== undefined && Number.isFinite(Date.parse(instant)));
  if (input?.v !== 1 || !readable || !Array.isArray(input.policy?.plan)) {
    throw ApplicationFailure.nonRetryable('the input is not a verification of version 1', 'UnsupportedInput');
  }
}
