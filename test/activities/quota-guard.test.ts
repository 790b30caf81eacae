import { describe, expect, it } from 'vitest';
import { type Dispatch, guard, type Permission } from '../../activities/quota-guard.ts';

const VERIFICATION_ID = 'abcdefghijklmnopqrstuvwxyz';

function dispatch(overrides: Partial<Dispatch> = {}): Dispatch {
  return {
    inWorkflow: true,
    activityId: '3',
    isLocal: false,
    attempt: 1,
    scheduledTimestampMs: 1_000,
    currentAttemptScheduledTimestampMs: 1_000,
    workflowExecution: { workflowId: `fv-${VERIFICATION_ID}`, runId: 'home' },
    ...overrides,
  };
}

function permission(overrides: Partial<Permission> = {}): Permission {
  return { verificationId: VERIFICATION_ID, originalRunId: 'home', stamped: true, slot: 3, maxReads: 3, ...overrides };
}

describe('guard', () => {
  it('lets the first dispatch of a read of the home run through', () => {
    expect(guard(dispatch(), permission())).toBe('HOME');
  });

  it.each([
    ['a standalone activity', dispatch({ inWorkflow: false }), permission(), 'NOT_IN_WORKFLOW'],
    ['a local activity', dispatch({ isLocal: true }), permission(), 'NOT_IN_WORKFLOW'],
    ['a second attempt', dispatch({ attempt: 2 }), permission(), 'REDISPATCHED'],
    ['an activity reset, which keeps attempt 1', dispatch({ currentAttemptScheduledTimestampMs: 1_001 }), permission(), 'REDISPATCHED'],
    ['a reset run', dispatch(), permission({ originalRunId: 'earlier' }), 'AWAY'],
    ['a run without the stamp of ingress', dispatch(), permission({ stamped: false }), 'AWAY'],
    ['a re-dispatch in a reset run', dispatch({ attempt: 2 }), permission({ originalRunId: 'earlier' }), 'REDISPATCHED'],
    [
      'the same input under another workflow id',
      dispatch({ workflowExecution: { workflowId: 'by-hand', runId: 'home' } }),
      permission(),
      'AWAY',
    ],
    ['a fourth slot', dispatch(), permission({ slot: 4 }), 'NO_SLOT_LEFT'],
  ])('lets no %s read at once', (_name, given, allowed, why) => {
    expect(guard(given, allowed)).toBe(why);
  });

  it('withholds a dispatch that names no workflow', () => {
    const { workflowExecution: _left, ...orphan } = dispatch();
    expect(guard(orphan, permission())).toBe('NOT_IN_WORKFLOW');
  });
});
