import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  changesByItselfAtMs,
  gateAfter,
  type GateEvent,
  type GateState,
  isHeld,
  mayBegin,
  mayCanaryBegin,
  openGate,
  readLimit,
  refusalOf,
} from '../../src/domain/gate/gate.ts';
import * as s from './samples.ts';

const { T0 } = s;
const at = (ms: number): string => new Date(T0 + ms).toISOString();
const JANE = { by: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' } as const;
const ID = 'abcdefghijklmnopqrstuvwxyz';
const OTHER = 'zbcdefghijklmnopqrstuvwxyz';

function after(events: readonly GateEvent[], state: GateState = openGate(at(0))): GateState {
  return events.reduce((before, event) => gateAfter(before, event), state);
}

const HOLD: GateEvent = { kind: 'HOLD', at: at(1), ...JANE };
const RESUME: GateEvent = { kind: 'RESUME', at: at(2), by: 'joe', reason: 'it is back' };
const CLAIM: GateEvent = { kind: 'CANARY_CLAIMED', at: at(3), verificationId: ID };
const WELL: GateEvent = { kind: 'CANARY_ENDED', at: at(4), verificationId: ID, result: 'WELL', code: 'OK' };
const STOP: GateEvent = { kind: 'CANARY_ENDED', at: at(4), verificationId: ID, result: 'STOP', code: 'DATA_SOURCE_ERROR' };
const LOST: GateEvent = { kind: 'CANARY_ENDED', at: at(4), verificationId: ID, result: 'NO_ANSWER', code: 'TIMEOUT' };

describe('the gate', () => {
  it.each([
    ['nobody has held it', [], { phase: 'OPEN', limit: undefined, changes: 0, holds: 0 }],
    ['it is held', [HOLD], { phase: 'HELD', limit: 0, changes: 1, holds: 1 }],
    ['it is resumed and looks for a canary', [HOLD, RESUME], { phase: 'CANARY', limit: 4, changes: 2, holds: 1 }],
    ['a canary tries the vendor', [HOLD, RESUME, CLAIM], { phase: 'CANARY', limit: 0, changes: 2, holds: 1 }],
    ['the canary is well', [HOLD, RESUME, CLAIM, WELL], { phase: 'RAMP', limit: 4, changes: 3, holds: 1 }],
    ['the canary brings the error again', [HOLD, RESUME, CLAIM, STOP], { phase: 'HELD', limit: 0, changes: 3, holds: 2 }],
    ['the canary brings nothing', [HOLD, RESUME, CLAIM, LOST], { phase: 'CANARY', limit: 4, changes: 2, holds: 1 }],
    [
      'another end than the canary',
      [HOLD, RESUME, CLAIM, { ...WELL, verificationId: OTHER }],
      { phase: 'CANARY', limit: 0, changes: 2, holds: 1 },
    ],
    ['it is held while it is resumed', [HOLD, RESUME, CLAIM, { ...HOLD, at: at(5) }], { phase: 'HELD', limit: 0, changes: 3, holds: 2 }],
    ['it is held while it ramps', [HOLD, RESUME, CLAIM, WELL, { ...HOLD, at: at(5) }], { phase: 'HELD', limit: 0, changes: 4, holds: 2 }],
  ] satisfies readonly [string, GateEvent[], object][])('once %s', (_name, events, { phase, limit, changes, holds }) => {
    const state = after(events);
    expect([state.phase, readLimit(state), state.changes, state.holds]).toEqual([phase, limit, changes, holds]);
  });

  it('is held after three canaries in a row that brought no answer: a person has to look', () => {
    const state = after([HOLD, RESUME, CLAIM, LOST, CLAIM, LOST, CLAIM, LOST]);
    expect([state.phase, state.reason]).toEqual(['HELD', '3 canaries in a row brought no answer, the last one TIMEOUT']);
  });

  it('gives a canary up whose worker is lost', () => {
    const state = after([HOLD, RESUME, CLAIM]);
    const dueMs = changesByItselfAtMs(state) ?? 0;
    expect(gateAfter(state, { kind: 'TIME_PASSED', at: new Date(dueMs - 1).toISOString() })).toBe(state);
    expect(gateAfter(state, { kind: 'TIME_PASSED', at: new Date(dueMs).toISOString() })).toMatchObject({
      phase: 'CANARY',
      lostCanaries: 1,
    });
    expect(readLimit(gateAfter(state, { kind: 'TIME_PASSED', at: new Date(dueMs).toISOString() }))).toBe(4);
  });

  it.each([
    [undefined, [4, 8, 16, 32, 64, 128, 256, undefined]],
    [40, [4, 8, 16, 32, 40]],
    [4, [4, 4]],
    [1, [1, 1]],
  ])('ramps to the rate of the account, %s a second, by doubling', (perSecond, expected) => {
    let state = after([...(perSecond === undefined ? [] : [{ kind: 'ACCOUNT', perSecond } as const]), HOLD, RESUME, CLAIM, WELL]);
    const limits = [readLimit(state)];
    while (state.phase === 'RAMP') {
      state = gateAfter(state, { kind: 'TIME_PASSED', at: new Date(changesByItselfAtMs(state) ?? 0).toISOString() });
      limits.push(readLimit(state));
    }
    expect(limits).toEqual(expected);
    expect(state).toMatchObject({ phase: 'OPEN', reason: 'the ramp is over', by: 'joe', isAutomatic: true });
    expect(state.hold).toBeUndefined();
  });

  it.each([
    [
      'is held already',
      [HOLD],
      HOLD,
      /^is held already, since 2026-03-01T12:00:00.001Z, by jane \(INC-7\), because the vendor asks to stop$/,
    ],
    ['is open already', [], RESUME, /^is open already, since /],
    ['is being resumed', [HOLD, RESUME], RESUME, /^is being resumed already, /],
    ['looks for no canary', [HOLD], CLAIM, /^looks for no canary: it is HELD$/],
    ['has a canary', [HOLD, RESUME, CLAIM], { ...CLAIM, verificationId: OTHER }, /^has a canary already: abc/],
  ] satisfies readonly [string, GateEvent[], GateEvent, RegExp][])(
    'refuses what would change nothing, and says why: it %s',
    (_n, events, event, why) => {
      const state = after(events);
      expect(refusalOf(state, event)).toMatch(why);
      expect(gateAfter(state, event)).toBe(state);
    },
  );

  it('is not held by a worker that is late: it was resumed since', () => {
    const late: GateEvent = { kind: 'HOLD', at: at(9), by: 'worker:a:1', reason: 'x', isAutomatic: true, asOfHolds: 0 };
    expect(after([late]).phase).toBe('HELD');
    expect(refusalOf(after([HOLD, RESUME]), late)).toMatch(/^was held for that already, and resumed since /);
    expect(after([HOLD, RESUME, { ...late, asOfHolds: 1 }]).phase).toBe('HELD');
  });
});

const eventArb: fc.Arbitrary<GateEvent> = fc
  .tuple(fc.integer({ min: 0, max: 200_000 }), fc.constantFrom(ID, OTHER), fc.nat(8))
  .map(([ms, verificationId, kind]) => {
    const common = { at: at(ms) };
    switch (kind) {
      case 0:
        return { kind: 'HOLD', ...common, ...JANE };
      case 1:
        return { kind: 'RESUME', ...common, by: 'joe', reason: 'back' };
      case 2:
        return { kind: 'CANARY_CLAIMED', ...common, verificationId };
      case 3:
        return { kind: 'CANARY_ENDED', ...common, verificationId, result: 'WELL', code: 'OK' };
      case 4:
        return { kind: 'CANARY_ENDED', ...common, verificationId, result: 'STOP', code: 'X' };
      case 5:
        return { kind: 'CANARY_ENDED', ...common, verificationId, result: 'NO_ANSWER', code: 'X' };
      case 6:
        return { kind: 'TIME_PASSED', ...common };
      case 7:
        return { kind: 'ACCOUNT', perSecond: 7 };
      default:
        return { kind: 'HOLD', ...common, by: 'worker:a:1', reason: 'x', isAutomatic: true, asOfHolds: ms % 4 };
    }
  });

test('whatever comes in whatever order, a hold holds until somebody resumes, and one canary at a time tries the vendor', () => {
  fc.assert(
    fc.property(fc.array(eventArb, { maxLength: 60, size: 'max' }), (events) => {
      let state = openGate(at(0));
      const claims: GateState[] = [];
      for (const event of events) {
        const before = state;
        state = gateAfter(before, event);
        expect(state === before || refusalOf(before, event) === undefined).toBe(true);
        if (before.phase === 'HELD' && state.phase !== 'HELD') expect(event.kind).toBe('RESUME');
        if (state.phase === 'RAMP' && before.phase !== 'RAMP') expect(event).toMatchObject({ kind: 'CANARY_ENDED', result: 'WELL' });
        if (state.phase === 'OPEN' && before.phase !== 'OPEN') expect([before.phase, event.kind]).toEqual(['RAMP', 'TIME_PASSED']);
        expect(state.changes - before.changes).toBe(state.phase === before.phase ? 0 : 1);
        expect(state.holds - before.holds).toBe(state.phase === 'HELD' && before.phase !== 'HELD' ? 1 : 0);
        expect(state.hold === undefined).toBe(state.phase === 'OPEN');
        if (state.phase !== 'CANARY') expect(state.canary).toBeUndefined();
        if (before.canary !== undefined && state.canary !== undefined) expect(state.canary).toBe(before.canary);
        if (before.canary === undefined && state.canary !== undefined) claims.push(state);
        for (const claimed of claims.filter((one) => isHeld(state) && mayCanaryBegin(state, one)))
          expect(state.canary).toBe(claimed.canary);
        if (isHeld(state)) {
          expect(mayBegin(state, { isQueued: false })).toBe('NO');
          expect(mayBegin(state, { isQueued: true })).not.toBe('YES');
        }
        // What is not counted by the server's queue begins only where nothing is limited.
        if (mayBegin(state, { isQueued: false }) === 'YES') expect(readLimit(state)).toBeUndefined();
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }
    }),
    { numRuns: 200 },
  );
});
