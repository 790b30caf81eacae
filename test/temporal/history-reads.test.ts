import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, it } from 'vitest';
import { readsOfHistory } from '../../src/temporal/history/reads.ts';

/** Events in the form in which Temporal's own tools export a history; the n-th happens n seconds after the epoch. */
function event(id: number, type: string, attributes: object): object {
  return {
    eventId: String(id),
    eventTime: new Date(id * 1_000).toISOString(),
    eventType: `EVENT_TYPE_ACTIVITY_TASK_${type}`,
    ...attributes,
  };
}

function scheduled(id: number, name = 'getResult'): object {
  return event(id, 'SCHEDULED', { activityTaskScheduledEventAttributes: { activityId: String(id), activityType: { name } } });
}

function completed(of: number, report: unknown): object {
  const payloads = [payloadToJSON(defaultPayloadConverter.toPayload(report))];
  return event(of + 50, 'COMPLETED', { activityTaskCompletedEventAttributes: { scheduledEventId: String(of), result: { payloads } } });
}

function timedOut(of: number, timeoutType: string): object {
  const failure = { message: 'timed out', timeoutFailureInfo: { timeoutType: `TIMEOUT_TYPE_${timeoutType}` } };
  return event(of + 50, 'TIMED_OUT', { activityTaskTimedOutEventAttributes: { scheduledEventId: String(of), failure } });
}

it('shows every read with its end, and what is in flight as such', () => {
  const events = [
    scheduled(1),
    completed(1, { kind: 'ANSWER', answer: { status: 'PROCESSING' } }),
    scheduled(2, 'emitOutcome'),
    scheduled(3),
    completed(3, { kind: 'VENDOR_ERROR', error: 'DATA_DESTROYED' }),
    scheduled(4),
    timedOut(4, 'SCHEDULE_TO_START'),
    scheduled(5),
    timedOut(5, 'START_TO_CLOSE'),
    scheduled(6),
  ];
  const reads = readsOfHistory(historyFromJSON({ events }));
  expect(reads.map(({ number, result }) => [number, result])).toEqual([
    [1, 'ANSWER PROCESSING'],
    [2, 'VENDOR_ERROR DATA_DESTROYED'],
    [3, 'UNSENT NO_WORKER'],
    [4, 'UNCERTAIN WORKER_LOST'],
    [5, 'IN_FLIGHT'],
  ]);
  expect(reads.at(0)).toMatchObject({ scheduledAt: '1970-01-01T00:00:01.000Z', endedAt: '1970-01-01T00:00:51.000Z' });
  expect(reads.at(-1)).not.toHaveProperty('endedAt');
});
