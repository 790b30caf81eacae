import { describe, expect, test } from 'vitest';
import { evolve } from '../../src/domain/evolve.ts';
import { hintIsOpen } from '../../src/domain/reading/hints.ts';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { fateOf, accountOf } from '../../src/domain/reading/slots.ts';
import { initialState, type VerificationEvent } from '../../src/domain/state.ts';
import * as s from './samples.ts';

const assignment = s.assignmentWith();

test.each<[string, ReadReport, string]>([
  ['a readable answer', s.pending(), 'ANSWERED'],
  ['an unparseable answer', s.MALFORMED, 'ANSWERED'],
  ['DATA_DESTROYED', s.vendorError('DATA_DESTROYED'), 'ANSWERED'],
  ['HTTP 500', s.vendorError('INTERNAL_ERROR', 500), 'UNCERTAIN'],
  ['RESULT_NOT_FOUND', s.vendorError('RESULT_NOT_FOUND', 400), 'UNCERTAIN'],
  ['a time-out', s.uncertain(), 'UNCERTAIN'],
  ['a lost worker', s.uncertain('WORKER_LOST'), 'UNCERTAIN'],
  ['a failed connection', s.unsent('CONNECT_FAILED'), 'UNSENT'],
  ['no worker', s.unsent('NO_WORKER'), 'UNSENT'],
  ['a re-dispatch', s.withheld('REDISPATCHED'), 'UNCERTAIN'],
  ['a withheld read outside a workflow', s.withheld('NOT_IN_WORKFLOW'), 'WITHHELD'],
  ['AUTHENTICATION_ERROR', s.vendorError('AUTHENTICATION_ERROR'), 'REFUSED'],
  ['AUTHORIZATION_ERROR', s.vendorError('AUTHORIZATION_ERROR'), 'REFUSED'],
  ['CONCURRENCY_LIMIT_EXCEEDED', s.vendorError('CONCURRENCY_LIMIT_EXCEEDED'), 'REFUSED'],
  ['MISSING_ARGUMENTS', s.vendorError('MISSING_ARGUMENTS', 400), 'REFUSED'],
  ['BAD_ARGUMENTS', s.vendorError('BAD_ARGUMENTS', 400), 'REFUSED'],
  ['API_NOT_FOUND', s.vendorError('API_NOT_FOUND', 404), 'REFUSED'],
  ['BAD_ARGUMENTS about the token', s.vendorError('BAD_ARGUMENTS', 400, { about: 'TOKEN' }), 'REFUSED'],
  ['a refusal by HTTP 200', s.vendorError('BAD_ARGUMENTS', 200), 'UNCERTAIN'],
  ['a refusal by HTTP 302', s.vendorError('AUTHENTICATION_ERROR', 302), 'UNCERTAIN'],
  ['a refusal by HTTP 500', s.vendorError('CONCURRENCY_LIMIT_EXCEEDED', 500), 'UNCERTAIN'],
  ['a refusal beside a status or a result', s.vendorError('CONCURRENCY_LIMIT_EXCEEDED', 403, { credible: false }), 'UNCERTAIN'],
  ['INVALID_TOKEN', s.vendorError('INVALID_TOKEN', 400), 'UNCERTAIN'],
  ['DATA_SOURCE_ERROR at the top', s.vendorError('DATA_SOURCE_ERROR', 400), 'ANSWERED'],
  ['NO_FACE_FOUND at the top', s.vendorError('NO_FACE_FOUND', 400), 'ANSWERED'],
  ['MULTIPLE_FACES at the top', s.vendorError('MULTIPLE_FACES', 400), 'ANSWERED'],
])('%s: what became of the read', (_name, report, fate) => {
  expect(fateOf(report, assignment.policy)).toBe(fate);
});

test.each(['NEWER_ERROR', 'constructor', '__proto__', 'toString', '', 'concurrency_limit_exceeded'])(
  'an error that no release of ours knows counts: %s',
  (error) => {
    const report: ReadReport = JSON.parse(JSON.stringify({ ...s.vendorError('BAD_ARGUMENTS', 400), error }));
    expect(fateOf(report, assignment.policy)).toBe('UNCERTAIN');
    expect(accountOf(s.stateAfter(assignment, [{ atMs: 1, report }]))).toMatchObject({ counted: 1, left: 2 });
  },
);

test('with VF_COUNT_REFUSED a refusal is a read', () => {
  const { policy } = s.assignmentWith({ settings: { countRefused: true } });
  expect(fateOf(s.vendorError('AUTHENTICATION_ERROR'), policy)).toBe('ANSWERED');
  expect(fateOf(s.unsent(), policy)).toBe('UNSENT');
});

test('a read counts as soon as it is scheduled, and given back at most five times', () => {
  const inFlight = evolve(initialState(assignment), { kind: 'READ_SCHEDULED', atMs: s.T0, trigger: 'SCHEDULE' });
  expect(accountOf(inFlight)).toEqual({ answered: 0, uncertain: 1, counted: 1, refused: 0, left: 2 });
  const refusals = Array.from({ length: 9 }, (_, index) => ({ atMs: index * s.HOUR, report: s.vendorError('AUTHENTICATION_ERROR') }));
  expect(accountOf(s.stateAfter(assignment, refusals.slice(0, 6)))).toEqual({ answered: 1, uncertain: 0, counted: 1, refused: 5, left: 2 });
  expect(accountOf(s.stateAfter(assignment, refusals))).toEqual({ answered: 4, uncertain: 0, counted: 4, refused: 5, left: 0 });
});

describe('evolve', () => {
  test('an end without a read in flight changes nothing', () => {
    const state = s.stateAfter(assignment, [{ atMs: 1, report: s.pending() }]);
    expect(evolve(state, { kind: 'READ_ENDED', atMs: 2, report: s.answer() })).toEqual(state);
  });

  test('reads are numbered as dispatched', () => {
    const state = s.stateAfter(assignment, [
      { atMs: 1, report: s.unsent() },
      { atMs: 2, report: s.pending() },
    ]);
    expect(state.reads.map(({ number }) => number)).toEqual([1, 2]);
  });

  const hint = (atMs: number, trusted: boolean): VerificationEvent => ({
    kind: 'HINT_RECEIVED',
    atMs,
    hint: { kind: 'SESSION_ENDED', trusted },
  });

  test('open hints coalesce: the first time and any trust count', () => {
    const state = [hint(5, false), hint(6, true), hint(7, false)].reduce(evolve, initialState(assignment));
    expect(state.hint).toEqual({ kind: 'SESSION_ENDED', trusted: true, receivedAtMs: 5 });
    expect([hint(5, false), hint(6, false)].reduce(evolve, initialState(assignment)).hint?.receivedAtMs).toBe(5);
  });

  test('a read after the hint answers it, and the next hint is a new one', () => {
    const state = s.afterRead(evolve(initialState(assignment), hint(s.T0, true)), { atMs: 5, report: s.pending() });
    expect([hintIsOpen(state), hintIsOpen(initialState(assignment))]).toEqual([false, false]);
    expect(evolve(state, hint(s.T0 + 9, false)).hint).toEqual({ kind: 'SESSION_ENDED', trusted: false, receivedAtMs: s.T0 + 9 });
  });
});

describe('values from a newer release', () => {
  // Parsed, as a history would be: no type of this release has them.
  const unknownReport: ReadReport = JSON.parse('{"kind":"NEWER"}');
  const unknownEvent: VerificationEvent = JSON.parse('{"kind":"NEWER"}');

  test('an unknown report counts as a read of unknown effect and settles nothing', () => {
    const state = s.stateAfter(assignment, [{ atMs: 1, report: unknownReport }]);
    expect(accountOf(state)).toMatchObject({ uncertain: 1, left: 2 });
    expect(concludedVerdict(state)).toBeUndefined();
  });

  test('an unknown event changes nothing', () => {
    const state = initialState(assignment);
    expect(evolve(state, unknownEvent)).toBe(state);
  });
});
