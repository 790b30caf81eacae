import { ActivityFailure, condition, patched, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import { defined } from '../src/domain/defined.ts';
import { isReadReport, isRecovered } from '../src/contracts/recorded.ts';
import { ASK_AGAIN_LABEL, readLabel } from '../src/contracts/text/labels.ts';
import type { GetResultOrder, VerificationActivities, VerificationInput } from '../src/contracts/workflow.ts';
import { type RecoveredReads, unconfirmedReads } from '../src/domain/ledger/asking-run.ts';
import { wasNeverTaken } from '../src/domain/ledger/never-taken.ts';
import type { ReadReport } from '../src/domain/reading/report.ts';
import { accountOf } from '../src/domain/reading/slots.ts';
import type { ReadTrigger, State } from '../src/domain/state.ts';
import { askingRun } from './asking-run.ts';

/** Well above the vendor deadline: when it passes, the worker is gone, not slow. */
const START_TO_CLOSE_MS = 40_000;

// No heartbeat, one attempt: what Temporal repeats on its own would be a read that nobody counted.
const { getResult } = proxyActivities<Pick<VerificationActivities, 'getResult'>>({
  startToCloseTimeout: START_TO_CLOSE_MS,
  retry: { maximumAttempts: 1 },
});

const ASK_AGAIN_PATCH = 'ask-ledger-again';
const ASK_AGAIN_AFTER_MS = 30_000;

/**
 * One read, without ever throwing. While Temporal cannot say which reads were made, a run that has to know waits and asks
 * again: an outage of seconds must not end a verification that has reads and time left. A cancellation ends the waiting.
 */
export async function read(order: GetResultOrder, isCancelled: () => boolean): Promise<ReadReport | RecoveredReads> {
  for (;;) {
    const answer = await readOnce(order);
    const inTime = Date.now() + ASK_AGAIN_AFTER_MS < Date.parse(order.deadlineAt);
    if (!isPassing(answer) || !inTime || isCancelled() || !patched(ASK_AGAIN_PATCH)) return answer;
    if (await condition(isCancelled, ASK_AGAIN_AFTER_MS, { summary: ASK_AGAIN_LABEL })) return answer;
  }
}

/** A refusal for want of an answer by Temporal: no request was made, and the next time may be another matter. */
function isPassing(answer: ReadReport | RecoveredReads): boolean {
  return answer.kind === 'WITHHELD' && (answer.doubt === 'SERVER_UNAVAILABLE' || answer.doubt === 'GRANT_UNCONFIRMED');
}

/**
 * Schedules one read and answers what came of it, without ever throwing: a failure that Temporal reports is turned into
 * the report it proves. Anything that is not proof of an unsent request counts as spent.
 */
async function readOnce(order: GetResultOrder): Promise<ReadReport | RecoveredReads> {
  // Not before the deadline: an operator's activity reset can make a read that was sent look as if no worker had ever
  // taken it (ADR 0011), so this time-out must never give a slot back while a read is still allowed.
  const untilDeadlineMs = Date.parse(order.deadlineAt) - Date.now();
  const options = {
    startToCloseTimeout: START_TO_CLOSE_MS,
    scheduleToStartTimeout: Math.max(1_000, untilDeadlineMs),
    retry: { maximumAttempts: 1 },
    summary: readLabel(order.slot, order.maxReads),
  };
  try {
    const answer: unknown = await getResult.executeWithOptions(options, [order]);
    if (isReadReport(answer) || isRecovered(answer)) return answer;
    // Completed by hand: what became of the request, nobody knows.
    return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt: new Date().toISOString() };
  } catch (error) {
    return reportOfFailure(error, { endedAt: new Date().toISOString(), deadlineAt: order.deadlineAt });
  }
}

type Ordered = { readonly slot: number; readonly trigger: ReadTrigger; readonly state: State };

/** The order of one read: `slot` is its number among those that count. `state`: what the run knows of the others. */
export function orderOf(input: VerificationInput, { slot, trigger, state }: Ordered): GetResultOrder {
  const unconfirmed = unconfirmedReads(state);
  return {
    v: 1,
    verificationId: input.verificationId,
    sealedToken: input.sealedToken,
    slot,
    trigger,
    returnImage: input.returnImage,
    ...defined({ bizNo: input.bizNo }),
    ...askingRun(input, {
      countedReads: slot - 1,
      answeredReads: accountOf(state).answered,
      ...(unconfirmed === 0 ? {} : { unconfirmedReads: unconfirmed }),
    }),
  };
}

/**
 * What a failed read proves. Only a time-out before any worker took it (SCHEDULE_TO_START) can speak for an unsent read, see
 * {@link wasNeverTaken}. Else the worker is lost in mid-call, or a defect hides what happened, and the read counts.
 */
export function reportOfFailure(
  error: unknown,
  { endedAt, deadlineAt }: { readonly endedAt: string; readonly deadlineAt: string },
): ReadReport {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const startTimeout = cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START' ? cause : undefined;
  if (startTimeout && wasNeverTaken({ hadEarlierAttempt: hasEarlierAttempt(startTimeout), endedAt, deadlineAt })) {
    return { kind: 'UNSENT', cause: 'NO_WORKER', endedAt };
  }
  return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt };
}

/** The SDK drops the cause of a time-out; the server's own record of it keeps the failure of the attempt before. */
function hasEarlierAttempt(timeout: TimeoutFailure): boolean {
  const earlier = timeout.failure?.cause;
  return earlier !== undefined && earlier !== null;
}
