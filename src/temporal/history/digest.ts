import type { LoadedDataConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { defined } from '../../domain/defined.ts';
import { isOutcomeEvent, isReadReport, isRecovered, isGrantedTo, isTerms, isTrigger, part } from '../../contracts/recorded.ts';
import { ORIGIN_MEMO_KEY } from '../../contracts/workflow.ts';
import type { GrantedTo } from '../../domain/ledger/asking-run.ts';
import type { RunFacts, ScheduledRead, Terms } from '../../domain/ledger/ledger.ts';
import { wasNeverTaken } from '../../domain/ledger/never-taken.ts';
import type { OutcomeEvent } from '../../domain/outcome.ts';
import { decoded } from '../decoded.ts';
import { writtenAt } from '../millis.ts';

type HistoryEvent = NonNullable<History['events']>[number];

/** `TIMEOUT_TYPE_SCHEDULE_TO_START` of the Temporal API. */
const SCHEDULE_TO_START = 2;

/**
 * The facts of one run. What cannot be decoded is left out where that makes a read count, and refused where it would not.
 * @throws PayloadUnreadableError when anything it rests on cannot be decrypted here.
 * @throws Error when the history has no beginning, or holds an emission that is not readable.
 */
export async function digestRun(
  history: History,
  { runId, converter }: { readonly runId: string; readonly converter: LoadedDataConverter },
): Promise<RunFacts> {
  const events = history.events ?? [];
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error(`the history of run ${runId} has no beginning`);
  const terms = termsOf(await decoded(converter, started.input?.payloads));
  const emitted = await emissionOf(events, { runId, converter });
  const closed = events.some(isClosing);
  return {
    runId,
    originalRunId: started.originalExecutionRunId ?? '',
    stamped: started.memo?.fields?.[ORIGIN_MEMO_KEY] !== undefined,
    closed,
    ...defined({ terms }),
    reads: await readsOf(events, converter),
    ...defined({ emitted }),
    ...(closed && emitted === undefined && lastTaskWasLost(events) ? { lastTaskLost: true } : {}),
  };
}

/** True if a read ended and no workflow task that knew of it did. */
function lastTaskWasLost(events: readonly HistoryEvent[]): boolean {
  const read = events.findLastIndex(({ activityTaskCompletedEventAttributes: completed }) => Boolean(completed));
  return read !== -1 && !events.slice(read).some((event) => Boolean(event.workflowTaskCompletedEventAttributes));
}

/** True of the event that ends a history. */
export function isClosing(event: HistoryEvent): boolean {
  return [
    event.workflowExecutionCompletedEventAttributes,
    event.workflowExecutionFailedEventAttributes,
    event.workflowExecutionTimedOutEventAttributes,
    event.workflowExecutionCanceledEventAttributes,
    event.workflowExecutionTerminatedEventAttributes,
    event.workflowExecutionContinuedAsNewEventAttributes,
  ].some(Boolean);
}

/** `recovered`: the activity made no read, but answered with those that the ledger knows. */
export type DigestedRead = ScheduledRead & { readonly recovered?: true };

/** Every read that a run scheduled, in this order, with what became of it. */
export async function readsOf(events: readonly HistoryEvent[], converter: LoadedDataConverter): Promise<DigestedRead[]> {
  const scheduled = events.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'getResult');
  return await Promise.all(
    scheduled.map(async (event) => {
      const attributes = event.activityTaskScheduledEventAttributes;
      const order = await decoded(converter, attributes?.input?.payloads);
      const trigger = part(order, 'trigger');
      const ended = await endOf(events, { scheduledEventId: String(event.eventId), deadlineAt: part(order, 'deadlineAt'), converter });
      return {
        activityId: attributes?.activityId ?? '',
        scheduledAt: writtenAt(event),
        ...(isTrigger(trigger) ? { trigger } : {}),
        ...ended,
      };
    }),
  );
}

type Ended = Pick<DigestedRead, 'end' | 'recovered'>;

async function endOf(
  events: readonly HistoryEvent[],
  {
    scheduledEventId,
    deadlineAt,
    converter,
  }: { readonly scheduledEventId: string; readonly deadlineAt: unknown; readonly converter: LoadedDataConverter },
): Promise<Ended> {
  for (const event of events) {
    const completed = event.activityTaskCompletedEventAttributes;
    const timedOut = event.activityTaskTimedOutEventAttributes;
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskCanceledEventAttributes;
    const closing = completed ?? timedOut ?? failed;
    if (!closing || String(closing.scheduledEventId) !== scheduledEventId) continue;
    const at = writtenAt(event);
    if (completed) {
      const answer = await decoded(converter, completed.result?.payloads);
      const end = { kind: 'COMPLETED', at, ...(isReadReport(answer) ? { report: answer } : {}) } as const;
      return { end, ...(isRecovered(answer) ? { recovered: true } : {}) };
    }
    const neverStarted =
      timedOut?.failure?.timeoutFailureInfo?.timeoutType === SCHEDULE_TO_START &&
      wasNeverTaken({
        hadEarlierAttempt: Boolean(timedOut.failure.cause),
        endedAt: at,
        deadlineAt: typeof deadlineAt === 'string' ? deadlineAt : undefined,
      });
    return { end: { kind: neverStarted ? 'NEVER_STARTED' : 'FAILED', at } };
  }
  return { end: { kind: 'OPEN' } };
}

async function emissionOf(
  events: readonly HistoryEvent[],
  { runId, converter }: { readonly runId: string; readonly converter: LoadedDataConverter },
): Promise<OutcomeEvent | undefined> {
  const scheduled = events.findLast((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'emitOutcome');
  const completed = events.at(-1)?.workflowExecutionCompletedEventAttributes;
  if (scheduled === undefined && !completed) return undefined;
  // Ordered of an activity, or published from the last workflow task, whose result is the run's.
  const event = scheduled
    ? part(await decoded(converter, scheduled.activityTaskScheduledEventAttributes?.input?.payloads), 'event')
    : part(await decoded(converter, completed?.result?.payloads), 'outcome');
  if (!isOutcomeEvent(event)) throw new Error(`the outcome that run ${runId} emitted is not readable`);
  return event;
}

function termsOf(input: unknown): Terms | undefined {
  const policy = part(input, 'policy');
  const terms = {
    maxReads: part(policy, 'maxReads'),
    maxRefusals: part(policy, 'maxRefusals'),
    countRefused: part(policy, 'countRefused'),
    deadlineAt: part(input, 'deadlineAt'),
  };
  return isTerms(terms) ? terms : undefined;
}

/** A taken grant as its own history tells; `by` and `event` are absent if its input is not one of ours. */
export type Grant = { readonly takenAt: string; readonly by?: GrantedTo; readonly event?: OutcomeEvent };

/** What a grant's history tells. That it exists is what counts, so one that is not readable is still one. */
export async function digestGrant(history: History, converter: LoadedDataConverter): Promise<Grant> {
  const first = history.events?.[0];
  const input = await decoded(converter, first?.workflowExecutionStartedEventAttributes?.input?.payloads);
  const by = part(input, 'grantedTo');
  const event = part(input, 'event');
  return {
    takenAt: first === undefined ? new Date(0).toISOString() : writtenAt(first),
    ...(isGrantedTo(by) ? { by } : {}),
    ...(isOutcomeEvent(event) ? { event } : {}),
  };
}
