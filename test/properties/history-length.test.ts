import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { envSchema } from '../../src/config/env.ts';
import { loadConfig } from '../../src/config/load.ts';
import { decide } from '../../src/domain/decide.ts';
import { evolve, readScheduled } from '../../src/domain/evolve.ts';
import { unconfirmedReads } from '../../src/domain/ledger/asking-run.ts';
import { knowsBetter } from '../../src/domain/ledger/ledger.ts';
import { policyProblems } from '../../src/domain/reading/plan.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { accountOf } from '../../src/domain/reading/slots.ts';
import { type Assignment, initialState, type VerificationEvent } from '../../src/domain/state.ts';
import { assignmentWith, HOUR, MINUTE, SECOND, T0, uncertain, unsent } from '../domain/samples.ts';
import { runs } from './runs.ts';

/** Temporal warns from here on, and ends a run at five times as many events. */
const TEMPORAL_WARNS_AT = 10_240;

/** The longest window that `VF_WINDOW` takes, and the longest that the domain takes, in hours; the first test holds them to it. */
const [LONGEST_SETTING_H, LONGEST_PLAUSIBLE_H] = [168, 720];

/** What an action adds to a history at most: its own events, those of the workflow task after it, and one upsert. */
const EVENTS = { BEGIN: 4, READ: 7, WAIT: 6, FINISH: 7 } as const;

/**
 * What becomes of a dispatch: its worker is lost before it asked the ledger, Temporal cannot say which reads were made,
 * or the vendor is out of reach.
 */
const TROUBLES = { LOST: uncertain('WORKER_LOST'), DOUBT: doubt('SERVER_UNAVAILABLE'), UNSENT: unsent() } as const;
type Trouble = keyof typeof TROUBLES;

function doubt(kind: 'SERVER_UNAVAILABLE'): ReadReport {
  return { kind: 'WITHHELD', why: 'LEDGER_UNKNOWN', doubt: kind, endedAt: new Date(T0).toISOString() };
}

/** Events of a life in which nothing but trouble comes, in turn, beside a ledger that knows of no read at all. */
function eventsOf(assignment: Assignment, troubles: readonly Trouble[]): number {
  let state = initialState(assignment);
  let nowMs = assignment.admittedAtMs;
  let events: number = EVENTS.BEGIN;
  let reads = 0;
  const record = (event: VerificationEvent): void => {
    state = evolve(state, event);
  };
  const isKnownBetter = (countedReads: number): boolean =>
    knowsBetter(
      { counted: 0, answered: 0 },
      { countedReads, answeredReads: accountOf(state).answered, unconfirmedReads: unconfirmedReads(state) },
    );
  for (;;) {
    const decision = decide(state, nowMs);
    events += EVENTS[decision.kind];
    if (events > 3 * TEMPORAL_WARNS_AT) return events;
    if (decision.kind === 'WAIT') {
      nowMs = decision.untilMs;
      continue;
    }
    if (decision.kind === 'FINISH') {
      record({ kind: 'EMISSION_SCHEDULED', atMs: nowMs, verdict: decision.verdict });
      if (!isKnownBetter(accountOf(state).counted)) return events;
      record({ kind: 'LEDGER_RECOVERED', atMs: nowMs, reads: [] });
      continue;
    }
    const trouble = troubles[reads % troubles.length] ?? 'LOST';
    reads += 1;
    const better = trouble !== 'LOST' && isKnownBetter(decision.slot - 1);
    record(readScheduled(decision, nowMs));
    record(better ? { kind: 'LEDGER_RECOVERED', atMs: nowMs, reads: [] } : { kind: 'READ_ENDED', atMs: nowMs, report: TROUBLES[trouble] });
  }
}

const anyLongLife = fc
  .record({
    windowMs: fc.constantFrom(24 * HOUR, LONGEST_SETTING_H * HOUR, LONGEST_PLAUSIBLE_H * HOUR),
    errorBackoffMs: fc.constantFrom(1, SECOND, 30 * SECOND, 10 * MINUTE, 2 * HOUR),
    minGapMs: fc.constantFrom(0, 20 * SECOND),
    maxReads: fc.constantFrom(1, 3, 5),
    profile: fc.constantFrom('issued', 'completed', 'hinted', 'patient'),
    isReplay: fc.boolean(),
  })
  .map(({ profile, isReplay, ...settings }) => assignmentWith({ profile, settings, ...(isReplay ? { replayedAtMs: T0 } : {}) }));

const anyTroubles = fc.array(fc.constantFrom<Trouble[]>('LOST', 'DOUBT', 'UNSENT'), { minLength: 1, maxLength: 5 });

describe('no history fills up', () => {
  test('in the longest windows there are', () => {
    const accepts = (hours: number): boolean => {
      const { error } = envSchema.safeParse({ VF_WINDOW: `${hours}h` });
      return error === undefined;
    };
    expect([accepts(LONGEST_SETTING_H), accepts(LONGEST_SETTING_H + 1)]).toEqual([true, false]);
    const { policy } = loadConfig({}, 'cli');
    const problems = (hours: number) => policyProblems('completed', { ...policy.settings, windowMs: hours * HOUR });
    expect([problems(LONGEST_PLAUSIBLE_H).length, problems(LONGEST_PLAUSIBLE_H + 1).length]).toEqual([0, 1]);
  });

  test('whatever keeps a verification from being read, in any window that settings allow', () => {
    fc.assert(
      fc.property(anyLongLife, anyTroubles, (assignment, troubles) => {
        expect(eventsOf(assignment, troubles)).toBeLessThan(TEMPORAL_WARNS_AT);
      }),
      runs(60),
    );
  });

  test.each<[string, number, readonly Trouble[], number]>([
    ['nobody can say which reads were made', LONGEST_SETTING_H, ['DOUBT'], 4_000],
    ['nobody can say which reads were made', LONGEST_PLAUSIBLE_H, ['DOUBT'], 4_000],
    ['every read is lost before it is made', LONGEST_SETTING_H, ['LOST'], 3_000],
    ['every read is lost before it is made', LONGEST_PLAUSIBLE_H, ['LOST'], 3_000],
    ['every second read is lost before it is made', LONGEST_PLAUSIBLE_H, ['LOST', 'DOUBT'], 3_000],
  ])('if %s for all of %d hours', (_what, hours, troubles, most) => {
    const settings = { windowMs: hours * HOUR };
    for (const replay of [{}, { replayedAtMs: T0 }]) {
      const events = eventsOf(assignmentWith({ profile: 'completed', settings, ...replay }), troubles);
      expect(events).toBeLessThan(most);
      expect(events).toBeGreaterThan(100);
    }
  });

  test('while an emission is stopped again and again for a month', () => {
    let state = evolve(initialState(assignmentWith()), {
      kind: 'EMISSION_SCHEDULED',
      atMs: T0,
      verdict: { outcome: 'PASSED', reasons: [], retryAdvice: 'NONE', riskLevel: 'LOW', comparisons: [] },
    });
    let nowMs = T0;
    let events: number = EVENTS.BEGIN;
    while (nowMs < T0 + 30 * 24 * HOUR) {
      const decision = decide(state, nowMs);
      events += EVENTS[decision.kind];
      if (decision.kind === 'WAIT') nowMs = decision.untilMs;
      else state = evolve(state, { kind: 'EMISSION_STOPPED', atMs: nowMs });
    }
    expect(events).toBeLessThan(TEMPORAL_WARNS_AT);
  });
});
