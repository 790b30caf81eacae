import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { nextRead } from '../../src/domain/reading/next-read.ts';
import { type Hint, initialState, type State } from '../../src/domain/state.ts';
import * as s from './samples.ts';

const { T0, SECOND, MINUTE, HOUR } = s;

function hinted(state: State, { atMs, ...hint }: Partial<Hint> & { atMs: number }): State {
  return evolve(state, { kind: 'HINT_RECEIVED', atMs: T0 + atMs, hint: { kind: 'SESSION_ENDED', trusted: false, ...hint } });
}

function nextAtMs(state: State, nowMs: number): number | undefined {
  const decision = decide(state, T0 + nowMs);
  return decision.kind === 'WAIT' && decision.nextReadAtMs !== undefined ? decision.nextReadAtMs - T0 : undefined;
}

function expectNear(actualMs: number | undefined, [fromMs, toMs]: readonly [number, number]): void {
  expect(actualMs).toBeGreaterThanOrEqual(fromMs);
  expect(actualMs).toBeLessThanOrEqual(toMs);
}

describe('planned reads', () => {
  test('the default profile reads after 5 min, after token expiry + 4 min, and from the reserve, then says so', () => {
    const { readsAtMs, verdict } = s.live(s.assignmentWith(), [s.pending()]);
    expectNear(readsAtMs[0], [4.5 * MINUTE, 5.5 * MINUTE]);
    expectNear(readsAtMs[1], [64 * MINUTE, 64 * 1.1 * MINUTE]);
    expectNear(readsAtMs[2], [22.9 * HOUR, 23.1 * HOUR]);
    expect(readsAtMs).toHaveLength(3);
    expect(verdict.outcome).toBe('EXPIRED');
    expect(s.codes(verdict)).toEqual(['QUOTA_EXHAUSTED', 'STILL_PROCESSING']);
  });

  test('times already past bring one read now, the next follows at the distance of the plan, and the reserve keeps its place', () => {
    const { readsAtMs } = s.live(s.assignmentWith({ admittedAtMs: T0 + 2 * HOUR }), [s.pending()]);
    expect(readsAtMs[0]).toBe(2 * HOUR);
    expectNear(readsAtMs[1], [2 * HOUR + 0.9 * 59 * MINUTE, 2 * HOUR + 1.1 * 59 * MINUTE]);
    expectNear(readsAtMs[2], [22.9 * HOUR, 23.1 * HOUR]);
  });

  test('a slot that the plan did not need is not wasted: it is read half-way between the last read and the deadline', () => {
    const { readsAtMs, verdict } = s.live(s.assignmentWith({ profile: 'hinted' }), [s.pending()]);
    expect(readsAtMs).toHaveLength(3);
    expectNear(readsAtMs[2], [23.45 * HOUR, 23.55 * HOUR]);
    expect([verdict.outcome, ...s.codes(verdict)]).toEqual(['EXPIRED', 'QUOTA_EXHAUSTED', 'STILL_PROCESSING']);
  });

  test('admitted in the last hour, the reserve collapses into the first read and later planned reads follow', () => {
    const { readsAtMs } = s.live(s.assignmentWith({ profile: 'completed', admittedAtMs: T0 + 23.5 * HOUR }), [s.pending()]);
    expect(readsAtMs[0]).toBe(23.5 * HOUR);
    expectNear(readsAtMs[1], [23.5 * HOUR + 54 * SECOND, 23.5 * HOUR + 66 * SECOND]);
    expectNear(readsAtMs[2], [23.7 * HOUR, 23.8 * HOUR]);
  });

  test('admitted after the window: EXPIRED at once, and no read', () => {
    const { readsAtMs, verdict, endedAtMs } = s.live(s.assignmentWith({ admittedAtMs: T0 + 24 * HOUR }), [s.pending()]);
    expect(readsAtMs).toEqual([]);
    expect(endedAtMs).toBe(24 * HOUR);
    expect([verdict.outcome, ...s.codes(verdict)]).toEqual(['EXPIRED', 'WINDOW_PASSED']);
  });

  test('two reads are never closer than the minimum gap', () => {
    const settings = { customOffsetsMs: [0, SECOND, 2 * SECOND] };
    expect(s.live(s.assignmentWith({ profile: 'custom', settings }), [s.pending()]).readsAtMs).toEqual([0, 20 * SECOND, 40 * SECOND]);
  });

  test.each([
    { maxReads: 1, reads: 1 },
    { maxReads: 2, reads: 2 },
    { maxReads: 5, reads: 5 },
  ])('with $maxReads call(s) a pending token is read $reads time(s), the reserve among them', ({ maxReads, reads }) => {
    const { readsAtMs, state } = s.live(s.assignmentWith({ settings: { maxReads } }), [s.pending()]);
    expect(readsAtMs).toHaveLength(reads);
    expect(state.assignment.policy.plan.at(-1)?.reserve).toBe(true);
  });

  test('a NOT_STARTED answer after token expiry is final and leaves the reserve unspent', () => {
    const { readsAtMs, verdict } = s.live(s.assignmentWith(), [s.pending('NOT_STARTED')]);
    expect(readsAtMs).toHaveLength(2);
    expect([verdict.outcome, verdict.retryAdvice, ...s.codes(verdict)]).toEqual(['NOT_COMPLETED', 'NEW_VERIFICATION', 'NEVER_STARTED']);
  });

  test('the reserve is spent early once no session can be running any more and nobody has looked since', () => {
    const { readsAtMs } = s.live(s.assignmentWith({ profile: 'completed' }), [s.pending()]);
    expect(readsAtMs[0]).toBe(0);
    expectNear(readsAtMs[1], [54 * SECOND, 66 * SECOND]);
    expect(readsAtMs[2]).toBe(HOUR + 3 * MINUTE + 2 * SECOND);
  });

  test('the demo profile shows a whole life within its window', () => {
    const settings = { windowMs: 24 * SECOND };
    const assignment = s.assignmentWith({ profile: 'demo', settings, tokenExpiresAtMs: T0 + 6 * SECOND });
    const { readsAtMs, endedAtMs } = s.live(assignment, [s.pending()]);
    expect(readsAtMs.slice(0, 2)).toEqual([SECOND, 7 * SECOND]);
    expectNear(readsAtMs[2], [19.6 * SECOND, 20.4 * SECOND]);
    expect(endedAtMs).toBeLessThan(24 * SECOND);
  });
});

describe('hints', () => {
  test('a hint brings the next planned read forward to 2 s later', () => {
    const state = hinted(initialState(s.assignmentWith()), { atMs: MINUTE });
    expect(decide(state, T0 + MINUTE)).toEqual({ kind: 'WAIT', untilMs: T0 + 62 * SECOND, why: 'HINTED', nextReadAtMs: T0 + 62 * SECOND });
    expect(decide(state, T0 + 62 * SECOND)).toEqual({ kind: 'READ', slot: 1, trigger: 'HINT' });
  });

  test('a hint respects the minimum gap and replaces the planned read', () => {
    const read = s.stateAfter(s.assignmentWith(), [{ atMs: 5 * MINUTE, report: s.pending() }]);
    const state = hinted(read, { atMs: 5 * MINUTE + SECOND });
    expect(nextAtMs(state, 5 * MINUTE + SECOND)).toBe(5 * MINUTE + 20 * SECOND);
    const after = s.afterRead(state, { atMs: 5 * MINUTE + 20 * SECOND, report: s.pending() });
    expect(nextAtMs(after, 6 * MINUTE)).toBe(HOUR + 3 * MINUTE + 2 * SECOND);
  });

  test('repeated hints do not postpone the read', () => {
    const state = hinted(hinted(initialState(s.assignmentWith()), { atMs: MINUTE }), { atMs: MINUTE + SECOND });
    expect(nextAtMs(state, MINUTE + SECOND)).toBe(62 * SECOND);
  });

  test.each([
    { trusted: false, expected: 'keeps its time' },
    { trusted: true, expected: 'comes forward' },
  ])('only a trusted hint touches the reserve: trusted $trusted, it $expected', ({ trusted }) => {
    const reads = [5 * MINUTE, 65 * MINUTE].map((atMs) => ({ atMs, report: s.pending() }));
    const state = hinted(s.stateAfter(s.assignmentWith(), reads), { atMs: 2 * HOUR, trusted });
    expectNear(nextAtMs(state, 2 * HOUR), trusted ? [2 * HOUR + 2000, 2 * HOUR + 2000] : [22.9 * HOUR, 23.1 * HOUR]);
  });

  test('an untrusted hint may use a slot that the plan does not need', () => {
    const assignment = s.assignmentWith({ profile: 'hinted', admittedAtMs: T0 + 2 * HOUR });
    const state = hinted(s.stateAfter(assignment, [{ atMs: 2 * HOUR, report: s.pending() }]), { atMs: 3 * HOUR });
    expect(nextAtMs(state, 3 * HOUR)).toBe(3 * HOUR + 2 * SECOND);
    const after = s.afterRead(state, { atMs: 3 * HOUR + 2 * SECOND, report: s.pending() });
    expectNear(nextAtMs(after, 4 * HOUR), [22.9 * HOUR, 23.1 * HOUR]);
  });

  test('a hint is answered even when the plan is used up', () => {
    const assignment = s.assignmentWith({ profile: 'custom', settings: { customOffsetsMs: [0] } });
    const state = hinted(s.stateAfter(assignment, [{ atMs: 0, report: s.pending() }]), { atMs: HOUR });
    expect(nextAtMs(state, HOUR)).toBe(HOUR + 2 * SECOND);
  });

  test('a hint whose read never left stays open', () => {
    const state = hinted(initialState(s.assignmentWith()), { atMs: MINUTE });
    const after = s.afterRead(state, { atMs: 62 * SECOND, report: s.unsent() });
    expectNear(nextAtMs(after, 62 * SECOND), [92 * SECOND, 95 * SECOND]);
  });

  test('a planned read that was due before the hint came is not postponed by it', () => {
    const state = hinted(initialState(s.assignmentWith()), { atMs: 10 * MINUTE });
    expect(decide(state, T0 + 10 * MINUTE)).toEqual({ kind: 'READ', slot: 1, trigger: 'SCHEDULE' });
  });

  test.each([
    { sessionEndedAtMs: T0 - HOUR, firstMs: 0 },
    { sessionEndedAtMs: T0 + 10 * SECOND, firstMs: 12 * SECOND },
  ])('a session that has ended makes the first read due 2 s after it, or now', ({ sessionEndedAtMs, firstMs }) => {
    const { readsAtMs } = s.live(s.assignmentWith({ sessionEndedAtMs }), [s.pending()]);
    expect(readsAtMs[0]).toBe(firstMs);
    expectNear(readsAtMs[1], [64 * MINUTE, 71 * MINUTE]);
  });

  test('the hinted profile makes no unhinted read before token expiry + 4 min', () => {
    const { readsAtMs } = s.live(s.assignmentWith({ profile: 'hinted' }), [s.pending()]);
    expectNear(readsAtMs[0], [64 * MINUTE, 71 * MINUTE]);
    expectNear(readsAtMs[1], [22.9 * HOUR, 23.1 * HOUR]);
  });
});

describe('failed and given-back reads', () => {
  test('after a failed read the next one waits for its planned time', () => {
    const state = s.stateAfter(s.assignmentWith(), [{ atMs: 5 * MINUTE, report: s.uncertain() }]);
    expectNear(nextAtMs(state, 5 * MINUTE), [64 * MINUTE, 71 * MINUTE]);
  });

  test('after a failed read the next one waits at least the error backoff', () => {
    const settings = { customOffsetsMs: [0, 25 * SECOND] };
    const state = s.stateAfter(s.assignmentWith({ profile: 'custom', settings }), [{ atMs: 0, report: s.uncertain() }]);
    expect(decide(state, T0)).toMatchObject({ kind: 'WAIT', why: 'BACKOFF', untilMs: T0 + 30 * SECOND });
  });

  test('a failed read is repeated from a slot that the plan does not need, before the reserve', () => {
    const assignment = s.assignmentWith({ profile: 'hinted', admittedAtMs: T0 + 2 * HOUR });
    const { readsAtMs, verdict } = s.live(assignment, [s.uncertain(), s.pending(), s.answer()]);
    expect(readsAtMs.slice(0, 2)).toEqual([2 * HOUR, 2 * HOUR + 30 * SECOND]);
    expectNear(readsAtMs[2], [22.9 * HOUR, 23.1 * HOUR]);
    expect(verdict.outcome).toBe('PASSED');
  });

  test('a read that never left is repeated with growing, bounded waits, and spends nothing', () => {
    const { readsAtMs, verdict, state } = s.live(s.assignmentWith(), [...Array.from({ length: 8 }, () => s.unsent()), s.answer()]);
    const waits = readsAtMs.slice(1).map((atMs, index) => Math.floor((atMs - (readsAtMs[index] ?? 0)) / (30 * SECOND)));
    expect(waits.slice(0, 4)).toEqual([1, 2, 4, 8]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(11);
    expect(verdict.outcome).toBe('PASSED');
    expect(decide(state, T0 + HOUR)).toMatchObject({ kind: 'FINISH' });
  });

  test('the sixth refusal counts as a read', () => {
    const { readsAtMs, verdict } = s.live(s.assignmentWith(), [s.vendorError('AUTHENTICATION_ERROR')]);
    expect(readsAtMs).toHaveLength(8);
    expect([verdict.outcome, ...s.codes(verdict)]).toEqual(['ERROR', 'AUTHENTICATION', 'QUOTA_EXHAUSTED']);
  });

  test('with VF_COUNT_REFUSED every refusal counts', () => {
    const { readsAtMs } = s.live(s.assignmentWith({ settings: { countRefused: true } }), [s.vendorError('AUTHORIZATION_ERROR')]);
    expect(readsAtMs).toHaveLength(3);
  });

  test('a vendor out of reach delays reads until the deadline, never the end', () => {
    const { verdict, endedAtMs } = s.live(s.assignmentWith(), [s.unsent('CONNECT_FAILED')]);
    expect(endedAtMs).toBe(24 * HOUR);
    expect([verdict.outcome, verdict.retryAdvice, ...s.codes(verdict)]).toEqual([
      'ERROR',
      'NEW_VERIFICATION',
      'VENDOR_UNAVAILABLE',
      'WINDOW_PASSED',
    ]);
  });
});

describe('in flight and cancelled', () => {
  const inFlight = evolve(initialState(s.assignmentWith()), { kind: 'READ_SCHEDULED', atMs: T0, trigger: 'SCHEDULE' });

  test('nothing is decided while a read is in flight, not even a cancellation', () => {
    const state = evolve(inFlight, { kind: 'CANCEL_REQUESTED', atMs: T0 + 1 });
    expect(decide(state, T0 + 2)).toEqual({ kind: 'WAIT', untilMs: T0 + 24 * HOUR, why: 'DEADLINE' });
  });

  test('the next read is known while one is in flight: by its plan, and after the minimum gap', () => {
    expect(nextRead(inFlight)?.atMs).toBeGreaterThanOrEqual(T0 + 20 * SECOND);
  });

  test('a read still in flight at the deadline does not keep the verification alive', () => {
    expect(decide(inFlight, T0 + 24 * HOUR)).toMatchObject({ kind: 'FINISH', verdict: { outcome: 'EXPIRED' } });
  });

  test('a cancelled verification ends as ERROR, and its token may be asked again', () => {
    const state = evolve(initialState(s.assignmentWith()), { kind: 'CANCEL_REQUESTED', atMs: T0 });
    expect(decide(state, T0)).toMatchObject({
      kind: 'FINISH',
      verdict: { outcome: 'ERROR', retryAdvice: 'REDRIVE_SAME_TOKEN', reasons: [{ code: 'CANCELLED_BY_OPERATOR' }] },
    });
  });

  test('a verdict that is paid for beats a cancellation', () => {
    const state = s.stateAfter(s.assignmentWith(), [{ atMs: 5 * MINUTE, report: s.answer() }]);
    expect(decide(evolve(state, { kind: 'CANCEL_REQUESTED', atMs: T0 + HOUR }), T0 + HOUR)).toMatchObject({
      verdict: { outcome: 'PASSED' },
    });
  });

  test('waits say what they wait for', () => {
    const start = initialState(s.assignmentWith());
    const once = s.afterRead(start, { atMs: 5 * MINUTE, report: s.pending() });
    const twice = s.afterRead(once, { atMs: 65 * MINUTE, report: s.pending() });
    const why = [start, once, twice].map((state) => decide(state, T0 + MINUTE));
    expect(why.map((decision) => decision.kind === 'WAIT' && decision.why)).toEqual(['SESSION', 'PLANNED_READ', 'RESERVE']);
    const usedPlan = s.assignmentWith({ profile: 'custom', settings: { customOffsetsMs: [0] } });
    const idle = s.stateAfter(usedPlan, [{ atMs: 0, report: s.pending() }]);
    expect(decide(idle, T0 + 1)).toEqual({ kind: 'WAIT', untilMs: T0 + 12 * HOUR, nextReadAtMs: T0 + 12 * HOUR, why: 'RESERVE' });
  });
});
