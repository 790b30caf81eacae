import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountOf } from '../../src/domain/reading/slots.ts';
import { type Assignment, deadlineMs, type State } from '../../src/domain/state.ts';
import { pending, uncertain, unsent, vendorError } from '../domain/samples.ts';
import { anyAssignment, type Script } from './generators.ts';
import { play, type Played } from './play.ts';
import { runs } from './runs.ts';

/**
 * Lives in which the question stays open, without hints: admission at any time of the window, workers that are away for
 * longer than every wait, a vendor that is silent, out of reach, or refuses.
 */
const anyLateLife: fc.Arbitrary<Script> = fc.record({
  assignment: anyAssignment.map(({ sessionEndedAtMs: _unsaid, ...assignment }): Assignment => assignment),
  reports: fc.array(fc.constantFrom(pending(), pending(), uncertain(), unsent(), vendorError('CONCURRENCY_LIMIT_EXCEEDED')), {
    minLength: 1,
    maxLength: 12,
  }),
  happenings: fc.array(fc.record({ kind: fc.constant('JUMP' as const), share: fc.constantFrom(1, 1, 1.2, 3, 10) }), { maxLength: 12 }),
  readMs: fc.array(fc.constantFrom(0, 50, 9000), { minLength: 1, maxLength: 5 }),
});

/** The plan in exact instants, written down again so that the code under test is not its own oracle. */
function exactPlan({ policy, issuedAtMs, admittedAtMs, tokenExpiresAtMs }: Assignment) {
  const anchors = { ISSUED: issuedAtMs, ADMITTED: admittedAtMs, EXPIRY: tokenExpiresAtMs };
  return policy.plan
    .map(({ anchor, offsetMs, notBeforeMs, reserve }) => ({
      atMs: Math.max(anchors[anchor] + offsetMs, issuedAtMs + notBeforeMs),
      reserve,
    }))
    .filter(({ atMs }) => atMs < issuedAtMs + policy.windowMs);
}

/** The longest the plan itself leaves the question open between two reads before the reserve, jitter included. */
function longestMs(assignment: Assignment): number {
  const beginMs = Math.max(assignment.issuedAtMs, Math.min(assignment.admittedAtMs, deadlineMs(assignment)));
  const early = exactPlan(assignment)
    .filter(({ reserve }) => !reserve)
    .map(({ atMs }) => atMs)
    .toSorted((one, other) => one - other);
  const distances = early.slice(1).map((atMs, index) => atMs - (early[index] ?? 0));
  return Math.max(0, (early[0] ?? beginMs) - beginMs, ...distances) * 1.1 + ((early.at(-1) ?? beginMs) - assignment.issuedAtMs) * 0.2;
}

/** Reads that were uncertain, refused or unsent pause the plan: at most this long, by docs/vendor.md and ADR 0015. */
function longestPauseMs({ policy }: Assignment): number {
  return Math.max(policy.minGapMs, 1.1 * Math.max(10 * policy.errorBackoffMs, policy.windowMs / 288 + 1));
}

type Wait = { readonly state: State; readonly nextAtMs: number; readonly sentAtMs: readonly number[]; readonly pausedUntilMs: number };

/** Every wait: when it lets the next read begin at the latest, and what was sent before. */
function waitsOf({ decisions }: Played, assignment: Assignment): readonly Wait[] {
  return decisions.flatMap(({ state, decision }): readonly Wait[] => {
    if (decision.kind !== 'WAIT') return [];
    const sentAtMs = state.reads.filter(({ report }) => report?.kind !== 'UNSENT').map(({ scheduledAtMs }) => scheduledAtMs);
    const pausedUntilMs = (state.reads.at(-1)?.endedAtMs ?? assignment.admittedAtMs) + longestPauseMs(assignment);
    return [{ state, nextAtMs: decision.nextReadAtMs ?? deadlineMs(assignment), sentAtMs, pausedUntilMs }];
  });
}

function holds(check: (played: Played, assignment: Assignment) => void): void {
  fc.assert(
    fc.property(anyLateLife, (script) => check(play(script), script.assignment)),
    runs(500),
  );
}

test('no planned slot is left idle, with the question open, for longer than the longest distance of the plan', () => {
  let waited = 0;
  holds((played, assignment) => {
    const planned = exactPlan(assignment).filter(({ reserve }) => !reserve).length;
    for (const { nextAtMs, sentAtMs, pausedUntilMs } of waitsOf(played, assignment)) {
      if (sentAtMs.length >= planned) continue;
      waited += 1;
      const sinceMs = sentAtMs.at(-1) ?? Math.max(assignment.issuedAtMs, assignment.admittedAtMs);
      expect(nextAtMs).toBeLessThanOrEqual(Math.max(sinceMs + longestMs(assignment), pausedUntilMs) + 1);
    }
  });
  expect(waited).toBeGreaterThan(50);
});

test('the reserve keeps its place: it is neither put off by an outage nor moved with the reads before it', () => {
  let waited = 0;
  holds((played, assignment) => {
    const { maxReads } = assignment.policy;
    const reserve = exactPlan(assignment).find((planned) => planned.reserve);
    if (reserve === undefined || assignment.policy.plan.length < maxReads) return;
    const jitterMs = (deadlineMs(assignment) - reserve.atMs) / 10;
    for (const { state, nextAtMs, pausedUntilMs } of waitsOf(played, assignment)) {
      const isLeft = accountOf(state).left === 1 && state.reads.every(({ scheduledAtMs }) => scheduledAtMs < reserve.atMs - jitterMs);
      if (!isLeft) continue;
      waited += 1;
      expect(nextAtMs).toBeLessThanOrEqual(Math.max(reserve.atMs + jitterMs, pausedUntilMs) + 1);
    }
  });
  expect(waited).toBeGreaterThan(20);
});

test('and all the while: no more reads than slots, the minimum gap between them, none outside the window', () => {
  holds(({ reads }, assignment) => {
    const { maxReads, minGapMs, countRefused } = assignment.policy;
    const sent = reads.filter(
      ({ report }) => report.kind === 'ANSWER' || report.kind === 'UNCERTAIN' || (countRefused && report.kind === 'VENDOR_ERROR'),
    );
    expect(sent.length).toBeLessThanOrEqual(maxReads);
    for (const [index, { atMs }] of sent.entries()) {
      expect(atMs).toBeLessThan(deadlineMs(assignment));
      expect(atMs - (sent[index - 1]?.endedAtMs ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(minGapMs);
    }
  });
});
