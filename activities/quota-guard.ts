import type { Info } from '@temporalio/activity';
import type { GetResultOrder } from '../src/contracts/workflow.ts';
import { workflowIdOf } from '../src/domain/ids.ts';
import type { WithheldWhy } from '../src/domain/reading/report.ts';

/** What Temporal says about this dispatch; none of it comes from an argument, because a reset copies arguments. */
export type Dispatch = Pick<
  Info,
  'inWorkflow' | 'isLocal' | 'activityId' | 'attempt' | 'scheduledTimestampMs' | 'currentAttemptScheduledTimestampMs' | 'workflowExecution'
>;

export type Permission = Pick<GetResultOrder, 'verificationId' | 'originalRunId' | 'stamped' | 'slot' | 'maxReads'>;

/** `AWAY`: not the home run, so only the ledger can say (ADR 0010). The others are refusals. */
export type GuardAnswer = 'HOME' | 'AWAY' | Extract<WithheldWhy, 'NOT_IN_WORKFLOW' | 'REDISPATCHED' | 'NO_SLOT_LEFT'>;

/**
 * Who this dispatch comes from, without asking anybody. Only the first dispatch of a read of the home run, the one that
 * ingress started, goes to the vendor without a grant (ADR 0010). So every such read is one scheduled event of that run.
 */
export function guard(dispatch: Dispatch, permission: Permission): GuardAnswer {
  if (!dispatch.inWorkflow || dispatch.isLocal || dispatch.workflowExecution === undefined) {
    return 'NOT_IN_WORKFLOW';
  }
  if (isRedispatched(dispatch)) {
    return 'REDISPATCHED';
  }
  if (permission.slot > permission.maxReads) {
    return 'NO_SLOT_LEFT';
  }
  return isHome(dispatch.workflowExecution, permission) ? 'HOME' : 'AWAY';
}

/**
 * Whether an earlier dispatch of the same order may have read. Pausing, resetting or re-configuring an activity can dispatch it
 * again with attempt 1 and no trace in history; the two timestamps are then no longer equal (Temporal server 1.28 and later).
 */
export function isRedispatched(dispatch: Dispatch): boolean {
  return dispatch.attempt !== 1 || dispatch.currentAttemptScheduledTimestampMs !== dispatch.scheduledTimestampMs;
}

/**
 * True in the run that ingress started. The Temporal UI and CLI copy the input of a workflow, not its memo, and can start
 * it under another id; a reset copies both, into another run.
 */
export function isHome(
  run: { readonly workflowId: string; readonly runId: string },
  { verificationId, originalRunId, stamped }: Pick<Permission, 'verificationId' | 'originalRunId' | 'stamped'>,
): boolean {
  return stamped && run.runId === originalRunId && run.workflowId === workflowIdOf(verificationId);
}
