import { sleep } from '@temporalio/workflow';
import type { VerificationInput, VerificationResult } from '../../../src/contracts/workflow.ts';
import { resolveVerification as unchanged } from '../../../workflows/resolve-verification.ts';

/** The real workflow with one command more at its beginning: what an incompatible release would look like. */
export async function resolveVerification(input: VerificationInput): Promise<VerificationResult> {
  await sleep(1);
  return unchanged(input);
}
