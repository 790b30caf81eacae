import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { isGateClosed, type ReadReport } from '../../src/domain/reading/report.ts';
import { accountOf } from '../../src/domain/reading/slots.ts';
import { type Assignment, initialState, type State, type VerificationEvent } from '../../src/domain/state.ts';
import { anyAssignment, anyReport, anyScript, type Script } from './generators.ts';
import { play, type Played } from './play.ts';
import { runs } from './runs.ts';

/** Refused before looking (docs/vendor.md, Error playbook), written down again so that the code under test is not its own oracle. */
const REFUSALS = [
  'CONCURRENCY_LIMIT_EXCEEDED',
  'AUTHENTICATION_ERROR',
  'AUTHORIZATION_ERROR',
  'MISSING_ARGUMENTS',
  'BAD_ARGUMENTS',
  'API_NOT_FOUND',
];

function isRefusal(report: ReadReport): boolean {
  return report.kind === 'VENDOR_ERROR' && REFUSALS.includes(report.error);
}

function isDenial(report: ReadReport): boolean {
  return report.kind === 'VENDOR_ERROR' && ['RESULT_NOT_FOUND', 'INVALID_TOKEN'].includes(report.error);
}

function neverLeft(report: ReadReport): boolean {
  return report.kind === 'UNSENT' || (report.kind === 'WITHHELD' && report.why !== 'REDISPATCHED');
}

function deadlineOf({ issuedAtMs, policy }: Assignment): number {
  return issuedAtMs + policy.windowMs;
}

function holds(check: (played: Played, script: Script) => void): void {
  fc.assert(
    fc.property(anyScript, (script) => check(play(script), script)),
    runs(300),
  );
}

describe('whatever happens', () => {
  test('reads that count never exceed the quota, and refusals are given back five times at most', () => {
    holds(({ reads, state }, { assignment: { policy } }) => {
      const counted = reads.filter(({ report }) => !neverLeft(report) && !isRefusal(report)).length;
      const refused = reads.filter(({ report }) => isRefusal(report)).length;
      const allowed = policy.countRefused ? 0 : 5;
      expect(counted + Math.max(0, refused - allowed)).toBeLessThanOrEqual(policy.maxReads);
      expect(accountOf(state).refused).toBeLessThanOrEqual(5);
      for (const { slot } of reads) expect(slot >= 1 && slot <= policy.maxReads).toBe(true);
    });
  });

  test('no read is scheduled at or after the end of the window', () => {
    holds(({ reads }, { assignment }) => {
      for (const { atMs } of reads) expect(atMs).toBeLessThan(deadlineOf(assignment));
    });
  });

  test('two reads are never closer than the minimum gap, and the next after a failure waits for the error backoff', () => {
    holds(({ reads }, { assignment: { policy } }) => {
      const sent = reads.filter(({ report }) => !neverLeft(report) && !isRefusal(report));
      for (const [index, read] of sent.entries()) {
        const next = sent[index + 1];
        if (next !== undefined) expect(next.atMs - read.endedAtMs).toBeGreaterThanOrEqual(policy.minGapMs);
      }
      for (const [index, read] of reads.entries()) {
        const next = reads[index + 1];
        // A read that the gate stopped goes where it waits, and is not made there.
        if (next !== undefined && read.report.kind !== 'ANSWER' && !isGateClosed(read.report)) {
          expect(next.atMs - read.endedAtMs).toBeGreaterThanOrEqual(policy.errorBackoffMs);
        }
      }
    });
  });

  test('every run ends: no wait reaches past the deadline, and nothing but FINISH is decided from there on', () => {
    holds(({ decisions }, { assignment }) => {
      for (const { nowMs, decision } of decisions) {
        if (decision.kind !== 'FINISH') expect(nowMs).toBeLessThan(deadlineOf(assignment));
        if (decision.kind !== 'WAIT') continue;
        expect(decision.untilMs).toBeGreaterThan(nowMs);
        expect(decision.untilMs).toBeLessThanOrEqual(deadlineOf(assignment));
      }
    });
  });

  test('the reserve is spent before its time only after a trusted hint, a session said to have ended, a dead or a denied token', () => {
    holds(({ reads, events }, { assignment }) => {
      const { policy, sessionEndedAtMs, tokenExpiresAtMs } = assignment;
      const sent = reads.filter(({ report }) => !neverLeft(report) && !(isRefusal(report) && !policy.countRefused));
      const last = sent[policy.maxReads - 1];
      const reserve = policy.plan.at(-1);
      if (last === undefined || reserve?.reserve !== true || last.atMs >= assignment.issuedAtMs + reserve.offsetMs * 0.9) return;
      const trusted = events.some((event) => event.kind === 'HINT_RECEIVED' && event.hint.trusted && event.atMs <= last.atMs);
      const dead = last.atMs > tokenExpiresAtMs + policy.sessionAllowanceMs;
      // The vendor denies the token: the ERROR that a second denial brings would leave the reserve unused.
      const denied = reads.some((read) => read.atMs < last.atMs && isDenial(read.report));
      expect(trusted || dead || denied || (policy.maxReads === 1 && sessionEndedAtMs !== undefined)).toBe(true);
    });
  });

  test('PASSED rests on one answer with liveness PASS and every required comparison at its threshold', () => {
    let passed = 0;
    holds(({ verdict, reads }, { assignment }) => {
      if (verdict.outcome !== 'PASSED') return;
      passed += 1;
      expect(verdict.reasons).toEqual([]);
      const report = reads.at(-1)?.report;
      if (report?.kind !== 'ANSWER') throw new Error('PASSED without answer');
      expect(mayPass(report.answer, assignment)).toBe(true);
    });
    expect(passed).toBeGreaterThan(0);
  });

  test('EXPIRED and ERROR are never said of a judged rejection, and only PASSED has no reason', () => {
    holds(({ verdict }) => {
      expect(verdict.reasons.length === 0).toBe(verdict.outcome === 'PASSED');
      const rejection = ['LIVENESS_FAIL', 'LIVENESS_SESSION_FAILED', 'MATCH_BELOW_THRESHOLD'];
      if (verdict.outcome === 'EXPIRED' || verdict.outcome === 'ERROR')
        expect(verdict.reasons.some(({ code }) => rejection.includes(code))).toBe(false);
    });
  });

  test('replaying the events gives the same state and the same verdict', () => {
    holds(({ events, state, verdict, endedAtMs }, { assignment }) => {
      const replayed = events.reduce(evolve, initialState(assignment));
      expect(replayed).toEqual(state);
      expect(decide(replayed, endedAtMs)).toMatchObject({ kind: 'FINISH', verdict });
      const copied: State = JSON.parse(JSON.stringify(state));
      const again = decide(copied, endedAtMs);
      // Only outcome and reasons: JSON has no NaN, and the verdict shows the scores as they came.
      expect(again.kind === 'FINISH' && [again.verdict.outcome, again.verdict.reasons]).toEqual([verdict.outcome, verdict.reasons]);
    });
  });
});

type Passable = Extract<ReadReport, { kind: 'ANSWER' }>['answer'];

/** The rule of PASSED in plain words, independent of the judge. */
function mayPass(answer: Passable, { comparisons, policy }: Assignment): boolean {
  const names =
    comparisons.length > 0 ? comparisons : answer.comparisons.map(({ name }) => name).filter((name) => name.startsWith('result_ref'));
  const sound =
    answer.status === 'OK' &&
    answer.liveness.result === 'PASS' &&
    answer.verifyPresent &&
    answer.verifyError === undefined &&
    answer.multipleFaces !== true &&
    answer.bizNo !== 'DIFFERS' &&
    answer.unclear.length === 0;
  const matches = names.map((name) => {
    const found = answer.comparisons.find((comparison) => comparison.name === name);
    const threshold = found?.thresholds[policy.requiredFar];
    return found?.confidence !== undefined && threshold !== undefined && found.confidence <= 100 && found.confidence >= threshold;
  });
  return sound && matches.length > 0 && matches.every(Boolean);
}

const anyEvent: fc.Arbitrary<VerificationEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('READ_SCHEDULED' as const),
    atMs: fc.nat(),
    trigger: fc.constantFrom('SCHEDULE', 'HINT', 'DEADLINE', 'OPERATOR'),
  }),
  fc.record({ kind: fc.constant('READ_ENDED' as const), atMs: fc.nat(), report: anyReport }),
  fc.record({
    kind: fc.constant('HINT_RECEIVED' as const),
    atMs: fc.nat(),
    hint: fc.record(
      { kind: fc.constantFrom('SESSION_ENDED', 'SESSION_FAILED'), trusted: fc.boolean(), recordedAtMs: fc.nat(3) },
      { requiredKeys: ['kind', 'trusted'] },
    ),
  }),
  fc.record({ kind: fc.constant('CANCEL_REQUESTED' as const), atMs: fc.nat() }),
);

test('decide and evolve are total: any events in any order, at any time', () => {
  const anyTime = fc.integer({ min: -1_000_000, max: 100_000_000 });
  fc.assert(
    fc.property(anyAssignment, fc.array(anyEvent, { maxLength: 12 }), anyTime, (assignment, events, offsetMs) => {
      const state = events.reduce(
        (before, event) => evolve(before, { ...event, atMs: assignment.issuedAtMs + event.atMs }),
        initialState(assignment),
      );
      const nowMs = assignment.issuedAtMs + offsetMs;
      const decision = decide(state, nowMs);
      if (decision.kind === 'WAIT') expect(decision.untilMs).toBeGreaterThan(nowMs);
      if (decision.kind === 'READ') expect(accountOf(state).left).toBeGreaterThan(0);
    }),
    runs(300),
  );
});
