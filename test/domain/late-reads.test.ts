import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { PolicyProfile } from '../../src/domain/policy.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { type Assignment, initialState, type State } from '../../src/domain/state.ts';
import * as s from './samples.ts';

const { SECOND, MINUTE, HOUR } = s;

type Span = readonly [fromMs: number, toMs: number];

/** An instant as it is planned, give or take 10 % of the wait before it; exact up to 10 s, as jitter is. */
function about(atMs: number, afterMs = 0): Span {
  const spreadMs = atMs - afterMs > 10 * SECOND ? (atMs - afterMs) / 10 : 0;
  return [atMs - spreadMs, atMs + spreadMs];
}

const RESERVE: Span = [22.9 * HOUR, 23.1 * HOUR];
/** Token expiry + 4 min, jittered to later only. */
const AFTER_EXPIRY: Span = [64 * MINUTE, 64 * 1.1 * MINUTE];
/** No session is running any more, and nobody has looked since: the reserve is due. */
const RESERVE_EARLY: Span = [63 * MINUTE + 2 * SECOND, 63 * MINUTE + 2 * SECOND];

/** One read in each span, and no other; times are ms after the issue. */
function expectReads(readsAtMs: readonly number[], spans: readonly Span[]): void {
  expect(readsAtMs).toHaveLength(spans.length);
  for (const [index, [fromMs, toMs]] of spans.entries()) {
    expect(readsAtMs[index]).toBeGreaterThanOrEqual(fromMs);
    expect(readsAtMs[index]).toBeLessThanOrEqual(toMs);
  }
}

function custom(offsetsMs: readonly number[], rest: Parameters<typeof s.assignmentWith>[0] = {}): Assignment {
  const settings = { customOffsetsMs: offsetsMs, maxReads: Math.max(3, offsetsMs.length), ...rest.settings };
  return s.assignmentWith({ ...rest, profile: 'custom', settings });
}

describe('admitted late, every answer PROCESSING: the first read is made now, later ones keep their distances, the reserve its place', () => {
  test.each<[profile: string, offsetsMs: readonly number[], admittedMs: number, reads: readonly Span[]]>([
    ['0s,60s,23h', [0, MINUTE, 23 * HOUR], 10 * MINUTE, [about(10 * MINUTE, 10 * MINUTE), about(11 * MINUTE, 10 * MINUTE), RESERVE_EARLY]],
    ['0s,60s,23h', [0, MINUTE, 23 * HOUR], 2 * HOUR, [about(2 * HOUR, 2 * HOUR), about(2 * HOUR + MINUTE, 2 * HOUR), RESERVE]],
    ['0s,60s,23h', [0, MINUTE, 23 * HOUR], 15 * SECOND, [about(15 * SECOND, 15 * SECOND), about(75 * SECOND, 15 * SECOND), RESERVE_EARLY]],
    ['5m,6m,23h', [5 * MINUTE, 6 * MINUTE, 23 * HOUR], 3 * HOUR, [[3 * HOUR, 3 * HOUR], about(3 * HOUR + MINUTE, 3 * HOUR), RESERVE]],
    [
      'two that passed and one to come: 0s,60s,2h,23h',
      [0, MINUTE, 2 * HOUR, 23 * HOUR],
      90 * MINUTE,
      [[90 * MINUTE, 90 * MINUTE], about(91 * MINUTE, 90 * MINUTE), about(90 * MINUTE + 2 * HOUR, 91 * MINUTE), RESERVE],
    ],
    [
      'without a reserve: 0s,60s,10m',
      [0, MINUTE, 10 * MINUTE],
      HOUR,
      [[HOUR, HOUR], about(61 * MINUTE, HOUR), about(70 * MINUTE, 61 * MINUTE)],
    ],
    [
      'a distance that no longer fits before the reserve, its own time to come: 0s,20h,23h',
      [0, 20 * HOUR, 23 * HOUR],
      5 * HOUR,
      [[5 * HOUR, 5 * HOUR], about(20 * HOUR), RESERVE],
    ],
    [
      'a distance that no longer fits, its own time gone by: half-way to the reserve',
      [0, 20 * HOUR, 23 * HOUR],
      21.5 * HOUR,
      [[21.5 * HOUR, 21.5 * HOUR], [22.1 * HOUR, 22.4 * HOUR], RESERVE],
    ],
    [
      'all of the plan gone by: the rest of the window is halved',
      [0, MINUTE, 2 * HOUR, 23 * HOUR],
      23.5 * HOUR,
      [[23.5 * HOUR, 23.5 * HOUR], about(23.5 * HOUR + MINUTE, 23.5 * HOUR), [23.7 * HOUR, 23.8 * HOUR], [23.85 * HOUR, 23.9 * HOUR]],
    ],
  ])('custom %s', (_what, offsetsMs, admittedMs, spans) => {
    const { readsAtMs } = s.live(custom(offsetsMs, { admittedAtMs: s.T0 + admittedMs }), [s.pending()]);
    expectReads(readsAtMs, spans);
  });

  test.each<[PolicyProfile, number, readonly Span[]]>([
    ['issued', 10 * MINUTE, [[10 * MINUTE, 10 * MINUTE], AFTER_EXPIRY, RESERVE]],
    ['issued', 50 * MINUTE, [[50 * MINUTE, 50 * MINUTE], AFTER_EXPIRY, RESERVE]],
    ['issued', 2 * HOUR, [[2 * HOUR, 2 * HOUR], about(2 * HOUR + 59 * MINUTE, 2 * HOUR), RESERVE]],
    ['completed', 2 * HOUR, [[2 * HOUR, 2 * HOUR], about(2 * HOUR + MINUTE, 2 * HOUR), RESERVE]],
    ['hinted', 2 * HOUR, [[2 * HOUR, 2 * HOUR], RESERVE, [23.45 * HOUR, 23.55 * HOUR]]],
    ['patient', HOUR, [[HOUR, HOUR], about(6.5 * HOUR, HOUR), RESERVE]],
    ['patient', 8 * HOUR, [[8 * HOUR, 8 * HOUR], about(13.5 * HOUR, 8 * HOUR), RESERVE]],
    ['patient', 20 * HOUR, [[20 * HOUR, 20 * HOUR], [21.4 * HOUR, 21.6 * HOUR], RESERVE]],
  ])('%s, %d ms after its issue', (profile, admittedMs, spans) => {
    const { readsAtMs } = s.live(s.assignmentWith({ profile, admittedAtMs: s.T0 + admittedMs }), [s.pending()]);
    expectReads(readsAtMs, spans);
  });

  test('on time the reads are where the plan has them', () => {
    expectReads(s.live(custom([0, MINUTE, 23 * HOUR]), [s.pending()]).readsAtMs, [[0, 0], about(MINUTE), RESERVE_EARLY]);
    const patient = s.live(s.assignmentWith({ profile: 'patient' }), [s.pending()]);
    expectReads(patient.readsAtMs, [about(30 * MINUTE), about(6 * HOUR), RESERVE]);
  });

  test('reads planned close together keep their distance, although the wait for both is jittered by more', () => {
    for (let index = 0; index < 100; index += 1) {
      const verificationId = `abcdefghijklmnopqrst${String(index).padStart(6, 'a')}`;
      const { readsAtMs } = s.live(custom([HOUR, HOUR + MINUTE, 23 * HOUR], { verificationId }), [s.pending()]);
      const [firstMs = 0] = readsAtMs;
      expectReads(readsAtMs.slice(0, 2), [about(HOUR), about(firstMs + MINUTE, firstMs)]);
    }
  });

  test('a token that expires late in the window is read after its expiry all the same, and never outside the window', () => {
    for (let hours = 20; hours < 24; hours += 0.25) {
      const { readsAtMs } = s.live(s.assignmentWith({ tokenExpiresAtMs: s.T0 + hours * HOUR }), [s.pending()]);
      expect(readsAtMs).toHaveLength(3);
      expect(readsAtMs.at(-1)).toBeLessThan(24 * HOUR);
    }
  });
});

describe('while no worker runs', () => {
  /** The workflow acts only outside `[fromMs, toMs)`: whatever falls due meanwhile is seen at `toMs`. */
  function liveWithout(
    assignment: Assignment,
    { fromMs, toMs, answers }: { fromMs: number; toMs: number; answers: readonly ReadReport[] },
  ) {
    let state: State = initialState(assignment);
    let nowMs = assignment.admittedAtMs;
    const readsAtMs: number[] = [];
    for (let step = 0; step < 2000; step += 1) {
      if (nowMs >= s.T0 + fromMs && nowMs < s.T0 + toMs) nowMs = s.T0 + toMs;
      const decision = decide(state, nowMs);
      if (decision.kind === 'FINISH') return { readsAtMs, verdict: decision.verdict };
      if (decision.kind === 'WAIT') {
        nowMs = decision.untilMs;
        continue;
      }
      const report = answers[Math.min(readsAtMs.length, answers.length - 1)] ?? s.pending();
      readsAtMs.push(nowMs - s.T0);
      state = s.afterRead(state, { atMs: nowMs - s.T0, report });
    }
    throw new Error('did not end');
  }

  test.each<[string, Assignment, Span, readonly Span[]]>([
    [
      'planned times pass one after the other',
      custom([0, MINUTE, 10 * MINUTE, 23 * HOUR]),
      [30 * SECOND, 3 * HOUR],
      [[0, 0], [3 * HOUR, 3 * HOUR], about(3 * HOUR + 9 * MINUTE, 3 * HOUR), RESERVE],
    ],
    [
      'the profile completed',
      s.assignmentWith({ profile: 'completed' }),
      [0, 3 * HOUR],
      [[3 * HOUR, 3 * HOUR], about(3 * HOUR + MINUTE, 3 * HOUR), RESERVE],
    ],
    [
      'until after the token has expired',
      s.assignmentWith(),
      [MINUTE, 2 * HOUR],
      [[2 * HOUR, 2 * HOUR], about(2 * HOUR + 59 * MINUTE, 2 * HOUR), RESERVE],
    ],
    [
      'until after the reserve was due',
      custom([0, MINUTE, 10 * MINUTE, 23 * HOUR]),
      [30 * SECOND, 23.5 * HOUR],
      [[0, 0], [23.5 * HOUR, 23.5 * HOUR], about(23.5 * HOUR + 9 * MINUTE, 23.5 * HOUR), [23.8 * HOUR, 23.85 * HOUR]],
    ],
  ])('%s: the first is read at once, the rest keeps its distances', (_what, assignment, [fromMs, toMs], spans) => {
    expectReads(liveWithout(assignment, { fromMs, toMs, answers: [s.pending()] }).readsAtMs, spans);
  });
});

describe('a vendor out of reach, or a refusal, is an outage like any other', () => {
  test.each([
    ['unsent', s.unsent()],
    ['refused', s.vendorError('CONCURRENCY_LIMIT_EXCEEDED', 403)],
  ])('%s until the planned times have passed', (_what, report) => {
    const failures = Array.from({ length: 4 }, () => report);
    const { readsAtMs } = s.live(custom([0, MINUTE, 23 * HOUR]), [...failures, s.pending()]);
    const made = readsAtMs.slice(4);
    const firstMs = made[0] ?? 0;
    expect(firstMs).toBeGreaterThan(5 * MINUTE);
    expectReads(made, [[firstMs, firstMs], about(firstMs + MINUTE, firstMs), RESERVE_EARLY]);
  });
});

describe('reads that something else brings about', () => {
  test('a read that a hint brought forward takes a planned one; those after it keep their places', () => {
    const state = evolve(initialState(s.assignmentWith({ profile: 'patient' })), {
      kind: 'HINT_RECEIVED',
      atMs: s.T0 + MINUTE,
      hint: { kind: 'SESSION_ENDED', trusted: false },
    });
    const after = s.afterRead(state, { atMs: 62 * SECOND, report: s.pending() });
    const decision = decide(after, s.T0 + 2 * MINUTE);
    const [fromMs, toMs] = about(6 * HOUR);
    expect(decision).toMatchObject({ kind: 'WAIT' });
    const nextAtMs = decision.kind === 'WAIT' ? (decision.nextReadAtMs ?? 0) - s.T0 : 0;
    expect(nextAtMs >= fromMs && nextAtMs <= toMs).toBe(true);
  });

  test('a session that ended before a late admission: read now, then at the plan’s distances', () => {
    const assignment = custom([0, MINUTE, 23 * HOUR], { admittedAtMs: s.T0 + 2 * HOUR, sessionEndedAtMs: s.T0 + HOUR });
    expectReads(s.live(assignment, [s.pending()]).readsAtMs, [[2 * HOUR, 2 * HOUR], about(2 * HOUR + MINUTE, 2 * HOUR), RESERVE]);
  });

  test('the first read of a replay stands for the first planned one that was not made', () => {
    const assignment = custom([0, MINUTE, 23 * HOUR], { replayedAtMs: s.T0 + 5 * HOUR });
    const state = s.stateAfter(assignment, [{ atMs: 5 * HOUR, report: s.pending() }]);
    const [fromMs, toMs] = about(5 * HOUR + MINUTE, 5 * HOUR);
    const decision = decide(state, s.T0 + 5 * HOUR + SECOND);
    const nextAtMs = decision.kind === 'WAIT' ? (decision.nextReadAtMs ?? 0) - s.T0 : 0;
    expect(nextAtMs >= fromMs && nextAtMs <= toMs).toBe(true);
  });
});
