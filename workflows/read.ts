import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { GetResultOrder, VerificationActivities, VerificationInput } from '../src/contracts/workflow.ts';
import { ORIGIN_MEMO_KEY } from '../src/contracts/workflow.ts';
import type { ReadReport } from '../src/domain/read-report.ts';
import { readLabel } from './labels.ts';
import { reportOfFailure } from './read-failure.ts';

/** Well above the vendor deadline: when it passes, the worker is gone, not slow. */
const START_TO_CLOSE_MS = 40_000;
/** Passing it proves that no worker took the read, so its slot is given back. */
const MAX_SCHEDULE_TO_START_MS = 300_000;

// No heartbeat, one attempt: what Temporal repeats on its own would be a read that nobody counted.
const { getResult } = proxyActivities<Pick<VerificationActivities, 'getResult'>>({
  startToCloseTimeout: START_TO_CLOSE_MS,
  retry: { maximumAttempts: 1 },
});

/**
 * Schedules one read and answers what came of it, without ever throwing: a failure that Temporal reports is turned into
 * the report it proves. Anything that is not proof of an unsent request counts as spent.
 */
export async function read(order: GetResultOrder): Promise<ReadReport> {
  const untilDeadlineMs = Date.parse(order.deadlineAt) - Date.now();
  const options = {
    startToCloseTimeout: START_TO_CLOSE_MS,
    scheduleToStartTimeout: Math.max(1_000, Math.min(MAX_SCHEDULE_TO_START_MS, untilDeadlineMs)),
    retry: { maximumAttempts: 1 },
    summary: readLabel(order.slot, order.maxCalls),
  };
  try {
    return await getResult.executeWithOptions(options, [order]);
  } catch (error) {
    return reportOfFailure(error, new Date().toISOString());
  }
}

/**
 * The order of one read. Run id and stamp are only handed on, for the quota guard: workflow code that branched on them
 * would break under a reset, which replays the same history in another run.
 */
export function orderOf(input: VerificationInput, slot: number): GetResultOrder {
  const { originalExecutionRunId, memo } = workflowInfo();
  return {
    v: 1,
    verificationId: input.verificationId,
    sealedToken: input.sealedToken,
    slot,
    maxCalls: input.policy.maxCalls,
    deadlineAt: input.deadlineAt,
    returnImage: input.returnImage,
    ...(input.bizNo === undefined ? {} : { bizNo: input.bizNo }),
    originalRunId: originalExecutionRunId,
    stamped: memo?.[ORIGIN_MEMO_KEY] !== undefined,
  };
}
