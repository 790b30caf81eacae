import type { LoadedDataConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { faultsOfInput } from '../../contracts/recorded.ts';
import type { VerificationInput } from '../../contracts/workflow.ts';
import type { ReplayOrder } from '../../domain/ledger/asking-run.ts';
import { decoded } from '../decoded.ts';

/** The input a run was started with; undefined if it is not that of a verification of version 1. */
export async function verificationInputOf(history: History, converter: LoadedDataConverter): Promise<VerificationInput | undefined> {
  const input = await decoded(converter, history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads);
  return isVerificationInput(input) ? input : undefined;
}

/** Who ordered this run, if a replay did. */
export function replayOrderOf({ replay }: VerificationInput): ReplayOrder | undefined {
  return typeof replay?.homeRunId === 'string' ? replay : undefined;
}

/** Written by ingress, or by hand: what a replay computes with is checked, the rest is taken as recorded. */
function isVerificationInput(value: unknown): value is VerificationInput {
  return faultsOfInput(value).length === 0;
}
