import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';

/** One scheduled `getResult` as history shows it. */
export type HistoryRead = { readonly number: number; readonly scheduledAt: string; readonly endedAt?: string; readonly result: string };

type HistoryEvent = NonNullable<History['events']>[number];

/** The reads of one run in the order they were scheduled. A read without a closing event is `IN_FLIGHT`. */
export function readsOfHistory(history: History): readonly HistoryRead[] {
  const reads = new Map<string, HistoryRead>();
  for (const event of history.events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.activityType?.name === 'getResult') {
      reads.set(String(event.eventId), { number: reads.size + 1, scheduledAt: instantOf(event), result: 'IN_FLIGHT' });
      continue;
    }
    const end = endOf(event);
    const read = end === undefined ? undefined : reads.get(end.scheduledEventId);
    if (end !== undefined && read !== undefined) {
      reads.set(end.scheduledEventId, { ...read, endedAt: instantOf(event), result: end.result });
    }
  }
  return [...reads.values()];
}

function endOf(event: HistoryEvent): { scheduledEventId: string; result: string } | undefined {
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed) return { scheduledEventId: String(completed.scheduledEventId), result: summaryOf(completed.result?.payloads?.[0]) };
  const timedOut = event.activityTaskTimedOutEventAttributes;
  if (timedOut) {
    const { timeoutType } = timedOut.failure?.timeoutFailureInfo ?? {};
    return {
      scheduledEventId: String(timedOut.scheduledEventId),
      result: timeoutType === SCHEDULE_TO_START ? 'UNSENT NO_WORKER' : 'UNCERTAIN WORKER_LOST',
    };
  }
  const failed = event.activityTaskFailedEventAttributes;
  return failed ? { scheduledEventId: String(failed.scheduledEventId), result: 'UNCERTAIN WORKER_LOST' } : undefined;
}

/** `TIMEOUT_TYPE_SCHEDULE_TO_START` of the Temporal API. */
const SCHEDULE_TO_START = 2;

/** Kind and code of a read report, e.g. `ANSWER OK`, `VENDOR_ERROR DATA_DESTROYED`. */
function summaryOf(payload: Payload | null | undefined): string {
  const report: unknown = payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
  if (typeof report !== 'object' || report === null || !('kind' in report)) return 'UNREADABLE';
  const code = [field(report, 'error'), field(report, 'cause'), field(report, 'why'), field(field(report, 'answer'), 'status')].find(
    (part) => typeof part === 'string',
  );
  return code === undefined ? String(report.kind) : `${String(report.kind)} ${code}`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

function instantOf(event: HistoryEvent): string {
  const { seconds, nanos } = event.eventTime ?? {};
  return new Date(Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000)).toISOString();
}
