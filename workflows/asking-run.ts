import { workflowInfo } from '@temporalio/workflow';
import { defined } from '../src/domain/defined.ts';
import { ORIGIN_MEMO_KEY, type VerificationInput } from '../src/contracts/workflow.ts';
import { type AskingRun } from '../src/domain/ledger/asking-run.ts';

/**
 * Which run asks. Run id and stamp are only handed on, for the activities: workflow code that branched on them would
 * break under a reset, which replays the same history in another run.
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
