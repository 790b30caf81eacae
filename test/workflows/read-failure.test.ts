import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { reportOfFailure } from '../../workflows/read.ts';

const AT = '2026-01-05T10:00:00.000Z';
const WHEN = { endedAt: AT, deadlineAt: AT };

function failure(cause: Error): ActivityFailure {
  return new ActivityFailure('Activity task failed', 'getResult', '1', 'TIMEOUT', 'worker', cause);
}

describe('reportOfFailure', () => {
  it('gives a slot back on the proof that no worker took the read', () => {
    const report = reportOfFailure(failure(new TimeoutFailure('timeout', undefined, 'SCHEDULE_TO_START')), WHEN);
    expect(report).toEqual({ kind: 'UNSENT', cause: 'NO_WORKER', endedAt: AT });
  });

  it('counts a read that ran into such a time-out before its deadline, which only an operator can bring about', () => {
    const timeout = failure(new TimeoutFailure('timeout', undefined, 'SCHEDULE_TO_START'));
    const report = reportOfFailure(timeout, { endedAt: AT, deadlineAt: '2026-01-05T10:00:00.001Z' });
    expect(report).toEqual({ kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt: AT });
  });

  it('counts a read whose earlier attempt a worker had taken', () => {
    const timeout = new TimeoutFailure('timeout', undefined, 'SCHEDULE_TO_START');
    timeout.failure = { message: 'activity ScheduleToStart timeout', cause: { message: 'activity StartToClose timeout' } };
    expect(reportOfFailure(failure(timeout), WHEN)).toEqual({ kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt: AT });
  });

  it('gives a slot back if the read was cancelled while it was parked: no worker had it', () => {
    const report = reportOfFailure(failure(new CancelledFailure('cancelled')), { ...WHEN, wasParked: true });
    expect(report).toEqual({ kind: 'UNSENT', cause: 'NO_WORKER', endedAt: AT });
  });

  it.each([
    ['a worker lost in mid-call', failure(new TimeoutFailure('timeout', undefined, 'START_TO_CLOSE'))],
    ['an ambiguous time-out', failure(new TimeoutFailure('timeout', undefined, 'SCHEDULE_TO_CLOSE'))],
    ['a thrown defect', failure(ApplicationFailure.create({ message: 'defect', type: 'TypeError' }))],
    ['a defect that calls itself a time-out', failure(ApplicationFailure.create({ message: 'x', type: 'TimeoutFailure' }))],
    ['a cancelled activity', failure(new CancelledFailure('cancelled'))],
    ["a time-out that is not an activity's", new TimeoutFailure('timeout', undefined, 'SCHEDULE_TO_START')],
    ['anything else', 'text'],
  ])('counts %s as a read', (_name, error) => {
    expect(reportOfFailure(error, WHEN)).toEqual({ kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt: AT });
  });
});
