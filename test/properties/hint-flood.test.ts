import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve, readScheduled } from '../../src/domain/evolve.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { type Assignment, type Hint, initialState, sessionsOverAtMs } from '../../src/domain/state.ts';
import { assignmentWith, HOUR, MINUTE, pending, SECOND, T0 } from '../domain/samples.ts';
import { anyAssignment } from './generators.ts';
import { runs } from './runs.ts';

/** What an attacker may write to the hint topic while `VF_TRUST_HINTS` is false: either kind, dated at will. */
const anyForged: fc.Arbitrary<Hint> = fc.record(
  { kind: fc.constantFrom('SESSION_ENDED' as const, 'SESSION_FAILED' as const), trusted: fc.constant(false), recordedAtMs: fc.nat(1e12) },
  { requiredKeys: ['kind', 'trusted'] },
);

const READ_MS = 300;

/** Lives under a hint every `everyMs`; the question stays open. Returns when reads began, ms after the issue. */
function flooded(
  assignment: Assignment,
  { hints, everyMs, report = pending() }: { readonly hints: readonly Hint[]; readonly everyMs: number; readonly report?: ReadReport },
): readonly number[] {
  let state = initialState(assignment);
  let nowMs = assignment.admittedAtMs;
  let hintAtMs = nowMs + 1;
  let sent = 0;
  const readsAtMs: number[] = [];
  for (let step = 0; step < 20_000; step += 1) {
    const decision = decide(state, nowMs);
    if (decision.kind === 'FINISH') return readsAtMs;
    if (decision.kind === 'READ') {
      readsAtMs.push(nowMs - assignment.issuedAtMs);
      state = evolve(state, readScheduled(decision, nowMs));
      nowMs += READ_MS;
      state = evolve(state, { kind: 'READ_ENDED', atMs: nowMs, report });
      continue;
    }
    const hint = hints[sent % hints.length];
    if (hint === undefined || hintAtMs > decision.untilMs) nowMs = decision.untilMs;
    else {
      nowMs = Math.max(nowMs, hintAtMs);
      // A date of its own for each, or most of them would be taken for repetitions.
      const dated = hint.recordedAtMs === undefined ? hint : { ...hint, recordedAtMs: hint.recordedAtMs + sent };
      state = evolve(state, { kind: 'HINT_RECEIVED', atMs: nowMs, hint: dated });
      sent += 1;
      hintAtMs = nowMs + everyMs;
    }
  }
  throw new Error('did not end');
}

const ONE: Hint = { kind: 'SESSION_ENDED', trusted: false };

describe('untrusted hints, however many', () => {
  test('bring about at most the reads besides the reserve, each the minimum gap after the one before; the reserve stays where it was', () => {
    let used = 0;
    fc.assert(
      fc.property(
        anyAssignment,
        fc.array(anyForged, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.001, max: 0.2, noNaN: true }),
        (assignment, hints, share) => {
          const { policy } = assignment;
          const readsAtMs = flooded(
            { ...assignment, admittedAtMs: Math.max(T0, assignment.admittedAtMs) },
            { hints, everyMs: Math.max(1, Math.floor(policy.windowMs * share)) },
          );
          expect(readsAtMs.length).toBeLessThanOrEqual(policy.maxReads);
          for (const [index, atMs] of readsAtMs.entries()) {
            expect(atMs).toBeLessThan(policy.windowMs);
            if (index > 0) expect(atMs - (readsAtMs[index - 1] ?? 0)).toBeGreaterThanOrEqual(policy.minGapMs + READ_MS);
          }
          const last = readsAtMs[policy.maxReads - 1];
          const reserve = policy.plan.at(-1);
          if (last === undefined || reserve?.reserve !== true || assignment.sessionEndedAtMs !== undefined) return;
          used += 1;
          const placeMs = reserve.offsetMs - (policy.windowMs - reserve.offsetMs) / 10;
          expect(last).toBeGreaterThanOrEqual(Math.min(placeMs, sessionsOverAtMs(assignment) - T0));
        },
      ),
      runs(300),
    );
    expect(used).toBeGreaterThan(20);
  });

  test.each([
    ['issued', 30 * SECOND],
    ['hinted', 30 * SECOND],
    ['patient', 30 * SECOND],
    // Its second read is planned a minute after the first anyway.
    ['completed', MINUTE + 30 * SECOND],
  ] as const)('%s: two of three reads within %d ms, then nothing before no session can be running any more', (profile, withinMs) => {
    const readsAtMs = flooded(assignmentWith({ profile }), { hints: [ONE], everyMs: SECOND });
    expect(readsAtMs).toHaveLength(3);
    expect(readsAtMs[1]).toBeLessThanOrEqual(withinMs);
    expect(readsAtMs[2]).toBe(HOUR + 3 * MINUTE + 2 * SECOND);
  });

  test('a plan without a reserve has nothing to protect: all reads within a minute and a half', () => {
    const assignment = assignmentWith({ profile: 'custom', settings: { customOffsetsMs: [HOUR, 2 * HOUR] } });
    const readsAtMs = flooded(assignment, { hints: [ONE], everyMs: SECOND });
    expect(readsAtMs).toHaveLength(3);
    expect(readsAtMs[2]).toBeLessThanOrEqual(90 * SECOND);
  });

  test('never postpone a read that was planned before they came', () => {
    fc.assert(
      fc.property(anyAssignment, fc.array(anyForged, { minLength: 1, maxLength: 5 }), (assignment, hints) => {
        const [planned] = flooded(assignment, { hints: [], everyMs: 1 });
        const [first] = flooded(assignment, { hints, everyMs: Math.max(1, Math.floor(assignment.policy.windowMs / 50)) });
        if (planned === undefined) return;
        // A hint that comes just before the planned instant is answered its delay later.
        expect(first).toBeLessThanOrEqual(planned + assignment.policy.hintDelayMs);
      }),
      runs(300),
    );
  });
});
