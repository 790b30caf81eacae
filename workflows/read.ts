import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  CancellationScope,
  CancelledFailure,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { isReadReport, isRecovered } from '../src/contracts/recorded.ts';
import { readLabel } from '../src/contracts/text/labels.ts';
import { heldText } from '../src/contracts/text/gate.ts';
import type { GetResultOrder, VerificationActivities, VerificationInput } from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import { unconfirmedReads } from '../src/domain/ledger/asking-run.ts';
import { ledgerRecords } from '../src/domain/ledger/ledger.ts';
import { wasNeverTaken } from '../src/domain/ledger/never-taken.ts';
import { readsQueueOf } from '../src/domain/ids.ts';
import { imagesFor } from '../src/domain/reading/images.ts';
import { heldBy, parkedPriority } from '../src/domain/reading/parking.ts';
import type { ReadReport } from '../src/domain/reading/report.ts';
import { accountOf } from '../src/domain/reading/slots.ts';
import type { Decision, State, VerificationEvent } from '../src/domain/state.ts';
import { askingRun } from './input.ts';

/** Well above the vendor deadline: when it passes, the worker is gone, not slow. */
const START_TO_CLOSE_MS = 40_000;
/** More of it for a read that asks for images, because its worker keeps them before it answers. */
const KEEPING_MS = 30_000;

// No heartbeat, one attempt: what Temporal repeats on its own would be a read that nobody counted.
const { getResult } = proxyActivities<Pick<VerificationActivities, 'getResult'>>({
  startToCloseTimeout: START_TO_CLOSE_MS,
  retry: { maximumAttempts: 1 },
});

/** `state`: what the run knows of its reads, the scheduled one included. */
type Reading = {
  readonly state: State;
  readonly decision: Extract<Decision, { kind: 'READ' }>;
  /** Rejects when the verification is cancelled. */
  readonly cancelRequested: Promise<never>;
};

/**
 * One read, and what came of it: its end, or the account of the ledger, which may answer any run but the home run instead.
 * Which run this is, only the activity asks. It never rejects: a failure that Temporal reports is turned into the report it
 * proves, and what is no proof of an unsent request counts.
 */
export function read(
  input: VerificationInput,
  reading: Reading,
): Promise<Extract<VerificationEvent, { kind: 'READ_ENDED' | 'LEDGER_RECOVERED' }>> {
  const order = orderOf(input, reading);
  // Not before the deadline: an operator's activity reset can make a read that was sent look as if no worker had ever
  // taken it (ADR 0011), so this time-out must never give a slot back while a read is still allowed.
  const untilDeadlineMs = Date.parse(order.deadlineAt) - Date.now();
  const options = {
    startToCloseTimeout: order.returnImage === 0 ? START_TO_CLOSE_MS : START_TO_CLOSE_MS + KEEPING_MS,
    scheduleToStartTimeout: Math.max(1_000, untilDeadlineMs),
    retry: { maximumAttempts: 1 },
    summary: readLabel(order.slot, order.maxReads, waitsFor(reading)),
  };
  const wasParked = reading.decision.parked === true;
  const answer: Promise<unknown> = wasParked ? parked(order, { options, reading }) : getResult.executeWithOptions(options, [order]);
  return answer.then(eventOf, (error: unknown) =>
    ended(reportOfFailure(error, { endedAt: new Date().toISOString(), deadlineAt: order.deadlineAt, wasParked })),
  );
}

function eventOf(answer: unknown): Extract<VerificationEvent, { kind: 'READ_ENDED' | 'LEDGER_RECOVERED' }> {
  if (isRecovered(answer)) return { kind: 'LEDGER_RECOVERED', atMs: Date.now(), reads: ledgerRecords(answer.reads) };
  return ended(isReadReport(answer) ? answer : completedByHand());
}

type Parked = { readonly options: ActivityOptions; readonly reading: Reading };

/**
 * A read in the queue that the gate, or the account's limit, holds back on the server: while it waits nothing happens and nothing
 * is written. Who cancels the verification takes it out of the queue; once a worker has it, its answer is waited for.
 */
function parked(order: GetResultOrder, { options, reading }: Parked): Promise<unknown> {
  const scope = new CancellationScope({ cancellable: true });
  reading.cancelRequested.catch(() => scope.cancel());
  return scope.run(() =>
    getResult.executeWithOptions(
      {
        ...options,
        taskQueue: readsQueueOf(workflowInfo().taskQueue),
        allowEagerDispatch: false,
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        priority: { priorityKey: parkedPriority(reading.state, Date.now()) },
      },
      [order],
    ),
  );
}

function waitsFor({ state, decision }: Reading): string | undefined {
  if (decision.parked !== true) return undefined;
  const gate = heldBy(state);
  return gate === undefined ? undefined : heldText(gate, Date.now());
}

function ended(report: ReadReport): Extract<VerificationEvent, { kind: 'READ_ENDED' }> {
  return { kind: 'READ_ENDED', atMs: Date.now(), report };
}

/** What became of the request, nobody knows. */
function completedByHand(): ReadReport {
  return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt: new Date().toISOString() };
}

/** `slot` is the number of the read among those that count. */
function orderOf(input: VerificationInput, { state, decision: { slot, trigger } }: Pick<Reading, 'state' | 'decision'>): GetResultOrder {
  const unconfirmed = unconfirmedReads(state);
  return {
    v: 1,
    verificationId: input.verificationId,
    sealedToken: input.sealedToken,
    slot,
    trigger,
    returnImage: imagesFor(input.returnImage, { state, slot }),
    ...defined({ bizNo: input.bizNo, traceparent: input.traceparent, tracestate: input.tracestate }),
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
  { endedAt, deadlineAt, wasParked = false }: { readonly endedAt: string; readonly deadlineAt: string; readonly wasParked?: boolean },
): ReadReport {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const startTimeout = cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START' ? cause : undefined;
  // Temporal took it out of the queue before any worker had it. The run reads nothing any more, so that nothing rests on it: for
  // other runs the read counts (docs/adr/0021).
  if (wasParked && cause instanceof CancelledFailure) return { kind: 'UNSENT', cause: 'NO_WORKER', endedAt };
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
