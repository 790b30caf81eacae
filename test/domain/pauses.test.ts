import { describe, expect, it, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { initialState, type State } from '../../src/domain/state.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import * as s from './samples.ts';

const { T0, SECOND, MINUTE, HOUR } = s;
const AWAY = s.withheld('LEDGER_UNKNOWN', 'SERVER_UNAVAILABLE');
const PASSED: Verdict = { outcome: 'PASSED', reasons: [], retryAdvice: 'NONE', riskLevel: 'LOW', comparisons: [] };
const EXPIRED: Verdict = { ...PASSED, outcome: 'EXPIRED' };

function cancelled(state: State, atMs: number): State {
  return evolve(state, { kind: 'CANCEL_REQUESTED', atMs: T0 + atMs });
}

describe('while Temporal cannot say which reads were made', () => {
  const assignment = s.assignmentWith({ profile: 'completed' });

  it.each(['SERVER_UNAVAILABLE', 'GRANT_UNCONFIRMED'] as const)('%s concludes nothing and costs no slot: the run asks again', (doubt) => {
    const state = s.stateAfter(assignment, [{ atMs: 0, report: s.withheld('LEDGER_UNKNOWN', doubt) }]);
    const decision = decide(state, T0);
    expect(decision).toMatchObject({ kind: 'WAIT', why: 'LEDGER_AWAY' });
    expect(decide(state, decision.kind === 'WAIT' ? decision.untilMs : 0)).toMatchObject({ kind: 'READ', slot: 1 });
  });

  it.each(['HOME_NOT_FOUND', 'HOME_RUNNING', 'OTHER_TERMS'] as const)('%s is no such thing: asking again would not help', (doubt) => {
    const state = s.stateAfter(assignment, [{ atMs: 0, report: s.withheld('LEDGER_UNKNOWN', doubt) }]);
    expect(decide(state, T0)).toMatchObject({ kind: 'FINISH', verdict: { reasons: [{ code: 'READ_WITHHELD' }] } });
  });

  it('asks half as often each time, up to a share of the window, and more often again near its end', () => {
    const { readsAtMs, verdict, endedAtMs } = s.live(assignment, [AWAY]);
    const waits = readsAtMs.slice(1).map((atMs, index) => atMs - (readsAtMs[index] ?? 0));
    expect(waits.slice(0, 4).map((waitMs) => Math.floor(waitMs / (30 * SECOND)))).toEqual([1, 2, 4, 8]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5.5 * MINUTE);
    expect(24 * HOUR - (readsAtMs.at(-1) ?? 0)).toBeLessThan(MINUTE);
    expect([s.codes(verdict), endedAtMs]).toEqual([['READ_WITHHELD'], 24 * HOUR]);
  });

  it('waits for the deadline when it can ask no more, and still says why', () => {
    const state = s.stateAfter(assignment, [{ atMs: 24 * HOUR - SECOND, report: AWAY }]);
    expect(decide(state, T0 + 24 * HOUR - SECOND)).toEqual({ kind: 'WAIT', untilMs: T0 + 24 * HOUR, why: 'LEDGER_AWAY' });
  });

  it('gives up when it is cancelled', () => {
    const state = cancelled(s.stateAfter(assignment, [{ atMs: 0, report: AWAY }]), MINUTE);
    expect(decide(state, T0 + MINUTE)).toMatchObject({
      kind: 'FINISH',
      verdict: { outcome: 'ERROR', reasons: [{ code: 'READ_WITHHELD' }] },
    });
  });

  it('goes on as if nothing had been once it can say so', () => {
    const { verdict, readsAtMs } = s.live(assignment, [AWAY, AWAY, s.pending(), s.answer()]);
    expect(verdict.outcome).toBe('PASSED');
    expect((readsAtMs[3] ?? 0) - (readsAtMs[2] ?? 0)).toBeGreaterThanOrEqual(20 * SECOND);
  });
});

describe('after the ledger struck reads off', () => {
  const assignment = s.assignmentWith({ profile: 'custom', settings: { maxReads: 1, customOffsetsMs: [0] } });

  function struckOff(times: number, atMs: number): State {
    let state = initialState(assignment);
    for (let time = 0; time < times; time += 1) {
      state = s.afterRead(state, { atMs, report: s.uncertain('WORKER_LOST') });
      state = evolve(state, { kind: 'EMISSION_SCHEDULED', atMs: T0 + atMs, verdict: EXPIRED });
      state = evolve(state, { kind: 'LEDGER_RECOVERED', atMs: T0 + atMs, reads: [] });
    }
    return state;
  }

  it('the outcome is withdrawn and the next read waits, twice as long each time', () => {
    const waits = [1, 2, 3, 4, 8, 20].map((times) => {
      const state = struckOff(times, HOUR);
      expect(state.emission).toBeUndefined();
      const decision = decide(state, T0 + HOUR);
      expect(decision).toMatchObject({ kind: 'WAIT', why: 'STRUCK_OFF' });
      return decision.kind === 'WAIT' ? Math.floor((decision.untilMs - T0 - HOUR) / MINUTE) : 0;
    });
    expect(waits.slice(0, 4)).toEqual([0, 1, 2, 4]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(33);
  });

  test('a verdict that the ledger brings along needs no read, so no pause', () => {
    const record = { scheduledAtMs: T0, trigger: 'SCHEDULE', report: s.answer() } as const;
    const lost = s.afterRead(s.afterRead(initialState(assignment), { atMs: 0, report: s.uncertain() }), { atMs: 0, report: s.uncertain() });
    const state = evolve(lost, { kind: 'LEDGER_RECOVERED', atMs: T0, reads: [record] });
    expect(state.struckOff?.times).toBe(1);
    expect(decide(state, T0)).toMatchObject({ kind: 'FINISH', verdict: { outcome: 'PASSED' } });
  });

  test('a ledger that knows as many reads or more strikes nothing off, the one in flight aside', () => {
    const inFlight = evolve(initialState(assignment), { kind: 'READ_SCHEDULED', atMs: T0, trigger: 'SCHEDULE' });
    expect(evolve(inFlight, { kind: 'LEDGER_RECOVERED', atMs: T0, reads: [] }).struckOff).toBeUndefined();
  });

  it('a cancellation ends the pause', () => {
    expect(decide(cancelled(struckOff(1, HOUR), HOUR), T0 + HOUR)).toMatchObject({
      verdict: { reasons: [{ code: 'CANCELLED_BY_OPERATOR' }] },
    });
  });
});

describe('an emission', () => {
  const begun = evolve(initialState(s.assignmentWith()), { kind: 'EMISSION_SCHEDULED', atMs: T0 + HOUR, verdict: EXPIRED });
  const fixed = { kind: 'FINISH', verdict: EXPIRED, decidedAtMs: T0 + HOUR } as const;

  function stopped(state: State, atMs: number): State {
    return evolve(state, { kind: 'EMISSION_STOPPED', atMs: T0 + atMs });
  }

  it('fixes the outcome: neither a cancellation nor the deadline nor another emission changes it', () => {
    for (const state of [
      begun,
      cancelled(begun, HOUR),
      evolve(begun, { kind: 'EMISSION_SCHEDULED', atMs: T0 + 2 * HOUR, verdict: PASSED }),
    ]) {
      for (const nowMs of [HOUR, 48 * HOUR]) expect(decide(state, T0 + nowMs)).toEqual(fixed);
    }
  });

  it('that was stopped is repeated after a minute, then twice as late each time, up to an hour, the deadline notwithstanding', () => {
    let state = begun;
    const pauses = Array.from({ length: 9 }, () => {
      state = stopped(state, 30 * HOUR);
      const decision = decide(state, T0 + 30 * HOUR);
      if (decision.kind !== 'WAIT') return Number.NaN;
      expect(decision.why).toBe('EMISSION_STOPPED');
      expect(decide(state, decision.untilMs)).toEqual(fixed);
      state = evolve(state, { kind: 'EMISSION_SCHEDULED', atMs: decision.untilMs, verdict: EXPIRED });
      expect(decide(state, T0 + 30 * HOUR)).toEqual(fixed);
      return (decision.untilMs - T0 - 30 * HOUR) / MINUTE;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('that was stopped is repeated at once when the run is cancelled, and pauses again if it is stopped again', () => {
    const state = cancelled(stopped(begun, HOUR), HOUR);
    expect(decide(state, T0 + HOUR)).toEqual(fixed);
    const again = stopped(state, HOUR);
    expect(cancelled(again, HOUR)).toBe(again);
    expect(decide(again, T0 + HOUR)).toMatchObject({
      kind: 'WAIT',
      why: 'EMISSION_STOPPED',
      untilMs: T0 + HOUR + 2 * MINUTE,
    });
  });
});
