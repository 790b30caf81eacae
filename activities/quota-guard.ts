import type { GetResultOrder } from '../src/contracts/workflow.ts';
import { workflowIdOf } from '../src/domain/ids.ts';
import type { WithheldWhy } from '../src/domain/read-report.ts';

/** What Temporal says about this dispatch; none of it comes from an argument, because a reset copies arguments. */
export type Dispatch = {
  readonly inWorkflow: boolean;
  readonly isLocal: boolean;
  readonly attempt: number;
  readonly scheduledTimestampMs: number;
  readonly currentAttemptScheduledTimestampMs: number;
  readonly workflowExecution?: { readonly workflowId: string; readonly runId: string };
};

export type Permission = Pick<GetResultOrder, 'verificationId' | 'originalRunId' | 'stamped' | 'slot' | 'maxCalls'>;

/**
 * Why this dispatch must not read, or undefined when it may: only the first dispatch of a read of the home run, the one
 * that ingress started, goes to the vendor unreserved (design §6). Then every read is one scheduled event of that run.
 */
export function whyWithheld(dispatch: Dispatch, permission: Permission): WithheldWhy | undefined {
  const home = dispatch.workflowExecution;
  if (!dispatch.inWorkflow || dispatch.isLocal || home === undefined) {
    return 'NOT_IN_WORKFLOW';
  }
  // Pausing, resetting or re-configuring an activity can dispatch it again with attempt 1 and no trace in history;
  // the two timestamps are then no longer equal (Temporal server 1.28 and later).
  if (dispatch.attempt !== 1 || dispatch.currentAttemptScheduledTimestampMs !== dispatch.scheduledTimestampMs) {
    return 'REDISPATCHED';
  }
  if (home.runId !== permission.originalRunId) {
    return 'AWAY_RUN';
  }
  // The Temporal UI and CLI copy the input of a workflow, not its memo, and can start it under another id.
  if (!permission.stamped || home.workflowId !== workflowIdOf(permission.verificationId)) {
    return 'NOT_STAMPED';
  }
  return permission.slot > permission.maxCalls ? 'NO_SLOT_LEFT' : undefined;
}
