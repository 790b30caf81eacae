import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { readScheduled } from '../../src/domain/evolve.ts';
import { parkedPriority } from '../../src/domain/reading/parking.ts';
import { initialState } from '../../src/domain/state.ts';
import * as s from './samples.ts';

const { T0, SECOND, HOUR } = s;

describe('a read that meets the closed gate', () => {
  const assignment = s.assignmentWith({ profile: 'completed' });
  const closed = s.unsent('GATE_CLOSED');

  it('costs no slot, and goes at once to the queue where it waits', () => {
    const state = s.stateAfter(assignment, [{ atMs: 0, report: closed }]);
    const decision = decide(state, T0);
    expect(decision).toEqual({ kind: 'READ', slot: 1, trigger: 'SCHEDULE', parked: true });
    if (decision.kind !== 'READ') throw new Error(decision.kind);
    expect(readScheduled(decision, T0)).toEqual({ kind: 'READ_SCHEDULED', atMs: T0, trigger: 'SCHEDULE', parked: true });
  });

  it('comes back to it soon, and later and later if nothing holds it there, so that its history does not fill up', () => {
    let state = s.stateAfter(assignment, [{ atMs: 0, report: closed }]);
    const waits: number[] = [];
    let nowMs = T0;
    for (let round = 0; nowMs < T0 + 23 * HOUR; round += 1) {
      state = s.afterRead(state, { atMs: nowMs - T0, report: closed, parked: true });
      const decision = decide(state, nowMs);
      if (decision.kind !== 'WAIT') throw new Error(decision.kind);
      expect(decision.why).toBe('HELD');
      waits.push(decision.untilMs - nowMs);
      nowMs = decision.untilMs;
    }
    expect(waits.slice(0, 3).map((ms) => Math.round(ms / SECOND))).toEqual([1, 2, 4]);
    expect(waits.length).toBeLessThan(310);
  });

  it('once it was let go, the next read does not wait in that queue any more', () => {
    const state = s.stateAfter(assignment, [
      { atMs: 0, report: closed },
      { atMs: 1, report: s.pending(), parked: true },
    ]);
    expect(decide(state, T0 + HOUR)).toEqual({ kind: 'READ', slot: 2, trigger: 'SCHEDULE' });
  });

  it.each([
    [24 * HOUR, 5],
    [12 * HOUR + 1, 5],
    [12 * HOUR, 4],
    [6 * HOUR, 3],
    [3 * HOUR, 2],
    [HOUR, 1],
    [-HOUR, 1],
  ])('with %d ms left it has priority %d', (leftMs, priority) => {
    expect(parkedPriority(initialState(assignment), T0 + 24 * HOUR - leftMs)).toBe(priority);
  });
});
