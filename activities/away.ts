import { defined } from '../src/domain/defined.ts';
import type { AskingRun, GrantedTo } from '../src/domain/ledger/asking-run.ts';
import { workflowIdOf } from '../src/domain/ids.ts';
import type { LedgerQuestion } from './ports.ts';
import type { Dispatch } from './quota-guard.ts';

type Run = { readonly workflowId: string; readonly runId: string };

/** What an away run asks the ledger. An original run id of another workflow says nothing about this verification's home run. */
export function questionOf(asking: AskingRun, { verificationId, run }: { verificationId: string; run: Run | undefined }): LedgerQuestion {
  const { maxReads, maxRefusals, countRefused, replay, stamped, originalRunId } = asking;
  const homeRunId = stamped && run?.workflowId === workflowIdOf(verificationId) ? originalRunId : replay?.homeRunId;
  return { verificationId, rule: { maxReads, maxRefusals, countRefused }, ...defined({ homeRunId }) };
}

/** To whom a grant is made. The run id comes from Temporal, because a reset copies every argument. */
export function grantedTo({ activityId, workflowExecution }: Dispatch, asking: AskingRun): GrantedTo {
  return {
    workflowId: workflowExecution?.workflowId ?? '',
    runId: workflowExecution?.runId ?? '',
    activityId,
    ...defined({ replay: asking.replay }),
  };
}
