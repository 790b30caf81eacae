import { ApplicationFailure } from '@temporalio/workflow';
import { faultsOfInput } from '../src/contracts/recorded.ts';
import type { VerificationInput } from '../src/contracts/workflow.ts';

/**
 * Refuses what only a start by hand can contain; ingress has validated everything. Without this, a missing field would
 * become an endlessly repeated workflow task instead of a readable failure.
 * @throws ApplicationFailure (not retryable) `UnsupportedInput`, which names the fields.
 */
export function assertInput(input: VerificationInput | undefined): asserts input is VerificationInput {
  const faults = faultsOfInput(input);
  if (faults.length === 0) return;
  throw ApplicationFailure.nonRetryable(`the input is not a verification of version 1: see ${faults.join(', ')}`, 'UnsupportedInput');
}
