import { condition, patched, proxyActivities } from '@temporalio/workflow';
import { isReadReport, isRecovered } from '../src/contracts/read-answer.ts';
import type { GetResultOrder, RecoveredReads, VerificationActivities, VerificationInput } from '../src/contracts/workflow.ts';
import type { ReadReport } from '../src/domain/read-report.ts';
import { spending } from '../src/domain/slots.ts';
import type { ReadTrigger, State } from '../src/domain/state.ts';
import { unconfirmedReads } from '../src/domain/unconfirmed.ts';
import { askingRun } from './asking-run.ts';
import { ASK_AGAIN_LABEL, readLabel } from './labels.ts';
import { reportOfFailure } from './read-failure.ts';

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
  return answer.kind === 'WITHHELD' && (answer.doubt === 'SERVER_UNAVAILABLE' || answer.doubt === 'RESERVATION_UNCONFIRMED');
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
    summary: readLabel(order.slot, order.maxCalls),
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
    ...(input.bizNo === undefined ? {} : { bizNo: input.bizNo }),
    ...askingRun(input, {
      countedReads: slot - 1,
      spentReads: spending(state).spent,
      ...(unconfirmed === 0 ? {} : { unconfirmedReads: unconfirmed }),
    }),
  };
}
