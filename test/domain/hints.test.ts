import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { HINT_KINDS, type Hint, initialState, type State } from '../../src/domain/state.ts';
import { runs } from '../properties/runs.ts';
import * as s from './samples.ts';

const AT = s.T0 + s.MINUTE;

function hear(state: State, hint: Partial<Hint> & { atMs: number }): State {
  const { atMs, ...said } = hint;
  return evolve(state, { kind: 'HINT_RECEIVED', atMs: s.T0 + atMs, hint: { kind: 'SESSION_ENDED', trusted: false, ...said } });
}

/** A verification whose hint was heard and answered by a read that brought nothing final. */
function answered(hint: Partial<Hint>): State {
  return s.afterRead(hear(initialState(s.assignmentWith()), { atMs: s.MINUTE, ...hint }), { atMs: 2 * s.MINUTE, report: s.pending() });
}

describe('a hint that is delivered again after its read', () => {
  test.each([{ trusted: false }, { trusted: true }])('brings no further read about, nor spends the reserve ($trusted)', (trust) => {
    const before = answered({ ...trust, recordedAtMs: AT });
    const after = hear(before, { atMs: 3 * s.HOUR, ...trust, recordedAtMs: AT });
    expect(after).toBe(before);
    expect(decide(after, s.T0 + 3 * s.HOUR)).toEqual(decide(before, s.T0 + 3 * s.HOUR));
  });

  test('is not known again without its time: signals by hand count whenever they come', () => {
    const before = answered({});
    expect(hear(before, { atMs: s.HOUR }).hint?.receivedAtMs).toBe(s.T0 + s.HOUR);
    expect(hear(answered({ recordedAtMs: AT }), { atMs: s.HOUR }).hint?.receivedAtMs).toBe(s.T0 + s.HOUR);
  });

  const later = s.T0 + s.HOUR;
  test.each<[string, boolean, Partial<Hint>, Partial<Hint>]>([
    ['a later record', true, {}, { recordedAtMs: AT + 1 }],
    ['an earlier record', false, {}, { recordedAtMs: AT - 1 }],
    ['another kind of the same millisecond', true, {}, { kind: 'SESSION_FAILED' }],
    ['a trusted one of the same millisecond', true, {}, { trusted: true }],
    ['a trusted one with an earlier time than an untrusted one', true, {}, { trusted: true, recordedAtMs: AT - 1 }],
    ['an untrusted one of the same millisecond as a trusted one', false, { trusted: true }, { trusted: false }],
  ])('is told from %s: %s', (_what, counts, first, second) => {
    const state = hear(answered({ recordedAtMs: AT, ...first }), { atMs: s.HOUR, recordedAtMs: AT, ...second });
    expect(state.hint?.receivedAtMs === later).toBe(counts);
  });

  test('while it is still open changes nothing either', () => {
    const open = hear(initialState(s.assignmentWith()), { atMs: s.MINUTE, recordedAtMs: AT });
    expect(hear(open, { atMs: 2 * s.MINUTE, recordedAtMs: AT })).toBe(open);
  });

  test('is known again whatever was heard and read in between', () => {
    const anyHint = fc.record({
      kind: fc.constantFrom(...HINT_KINDS),
      trusted: fc.boolean(),
      recordedAtMs: fc.integer({ min: AT, max: AT + 3 }),
    });
    fc.assert(
      fc.property(fc.array(fc.record({ hint: anyHint, read: fc.boolean() }), { minLength: 1, maxLength: 8 }), (script) => {
        const lived = script.reduce((state, { hint, read }, index) => {
          const heard = hear(state, { atMs: index * s.MINUTE, ...hint });
          return read ? s.afterRead(heard, { atMs: index * s.MINUTE + 1, report: s.unsent() }) : heard;
        }, initialState(s.assignmentWith()));
        for (const { hint } of script) expect(hear(lived, { atMs: 2 * s.HOUR, ...hint })).toBe(lived);
        expect(lived.heard.length).toBeLessThanOrEqual(2 * HINT_KINDS.length);
      }),
      runs(300),
    );
  });
});
