import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { faultsOfInput } from '../src/contracts/recorded.ts';
import { ORIGIN_MEMO_KEY, type VerificationInput } from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import type { AskingRun } from '../src/domain/ledger/asking-run.ts';
import type { OutcomeFacts } from '../src/domain/outcome.ts';

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

/**
 * Which run asks. Run id and stamp are only handed on, for the activities: workflow code that branched on them would
 * break under a reset, which re-executes the same history in another run.
 */
export function askingRun(
  input: VerificationInput,
  known: Pick<AskingRun, 'countedReads' | 'answeredReads' | 'unconfirmedReads'>,
): AskingRun {
  const { originalExecutionRunId, memo } = workflowInfo();
  const { maxReads, maxRefusals, countRefused } = input.policy;
  return {
    maxReads,
    maxRefusals,
    countRefused,
    ...known,
    deadlineAt: input.deadlineAt,
    originalRunId: originalExecutionRunId,
    stamped: memo?.[ORIGIN_MEMO_KEY] !== undefined,
    ...defined({ replay: input.replay }),
  };
}

/** An outcome that an operator's replay or a person's decision brought about names who it was. */
export function actorOf({ replay }: VerificationInput): Pick<OutcomeFacts, 'actor'> {
  if (replay === undefined) return {};
  const justification = replay.ticket === undefined ? replay.reason : `${replay.reason} (${replay.ticket})`;
  const { ruling, operator } = replay;
  if (ruling !== undefined) return { actor: { type: 'HUMAN', id: ruling.reviewer, justification } };
  return { actor: { type: 'OPERATOR', id: operator, justification } };
}
