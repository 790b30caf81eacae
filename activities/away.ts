import { defined } from '../src/domain/defined.ts';
import type { AskingRun, GrantedTo } from '../src/domain/ledger/asking-run.ts';
import { workflowIdOf } from '../src/domain/ids.ts';
import type { LedgerQuestion } from './ports.ts';
import type { Dispatch } from './quota-guard.ts';

type Run = { readonly workflowId: string; readonly runId: string };

/** What a run that is not the home run asks the ledger; an original run id of another workflow says nothing. */
export function questionOf(asking: AskingRun, { verificationId, run }: { verificationId: string; run: Run | undefined }): LedgerQuestion {
  const { maxReads, maxRefusals, countRefused, replay, stamped, originalRunId } = asking;
  const homeRunId = stamped && run?.workflowId === workflowIdOf(verificationId) ? originalRunId : replay?.homeRunId;
  return { verificationId, rule: { maxReads, maxRefusals, countRefused }, ...defined({ homeRunId }) };
}

/** Whose a grant is. The run id is Temporal's own word: a reset copies every argument. */
export function grantedTo({ activityId, workflowExecution }: Dispatch, asking: AskingRun): GrantedTo {
  return {
    workflowId: workflowExecution?.workflowId ?? '',
    runId: workflowExecution?.runId ?? '',
    activityId,
    ...defined({ replay: asking.replay }),
  };
}
