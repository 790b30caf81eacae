import { describe, expect, test } from 'vitest';
import type { VerifyError } from '../../src/domain/judging/answer.ts';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import { endingVerdict } from '../../src/domain/judging/endings.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { initialState } from '../../src/domain/state.ts';
import * as s from './samples.ts';

const { T0, MINUTE, HOUR } = s;
const withError = (verifyError: VerifyError): ReadReport => s.answer({ verifyError, comparisons: [] });

/** Outcome, advice and reason codes of a verification answered with `answers`, the last one repeating. */
function ending(answers: readonly ReadReport[], wish: Parameters<typeof s.assignmentWith>[0] = {}): readonly (string | number)[] {
  const { verdict, readsAtMs } = s.live(s.assignmentWith(wish), answers);
  return [readsAtMs.length, verdict.outcome, verdict.retryAdvice, ...s.codes(verdict)];
}

describe('answers that end a verification', () => {
  test.each<{ name: string; answers: readonly ReadReport[]; expected: readonly (string | number)[] }>([
    { name: 'PASSED at the first look', answers: [s.answer()], expected: [1, 'PASSED', 'NONE'] },
    {
      name: 'a token the vendor does not know, twice',
      answers: [s.vendorError('RESULT_NOT_FOUND')],
      expected: [2, 'ERROR', 'NEW_VERIFICATION', 'TOKEN_UNKNOWN'],
    },
    {
      name: 'a token the vendor knows at the re-check',
      answers: [s.vendorError('RESULT_NOT_FOUND'), s.answer()],
      expected: [2, 'PASSED', 'NONE'],
    },
    {
      name: 'an unparseable answer, re-read once',
      answers: [s.MALFORMED],
      expected: [2, 'ERROR', 'REDRIVE_SAME_TOKEN', 'MALFORMED_RESPONSE'],
    },
    { name: 'a readable answer at the re-read', answers: [s.MALFORMED, s.answer()], expected: [2, 'PASSED', 'NONE'] },
    {
      name: 'an unparseable answer with only the reserve left',
      answers: [s.pending(), s.MALFORMED],
      expected: [2, 'ERROR', 'REDRIVE_SAME_TOKEN', 'MALFORMED_RESPONSE'],
    },
    {
      name: "the vendor's internal error inside an answer, re-read once",
      answers: [withError('INTERNAL_ERROR')],
      expected: [2, 'ERROR', 'REDRIVE_SAME_TOKEN', 'VENDOR_INTERNAL'],
    },
    {
      name: 'a data source error stops at once',
      answers: [withError('DATA_SOURCE_ERROR')],
      expected: [1, 'ERROR', 'WAIT_VENDOR', 'DATA_SOURCE_ERROR'],
    },
    { name: 'an unknown status while reads are left', answers: [s.pending('UNKNOWN'), s.answer()], expected: [2, 'PASSED', 'NONE'] },
    {
      name: 'an unknown status to the end',
      answers: [s.pending('UNKNOWN')],
      expected: [3, 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN_STATUS', 'QUOTA_EXHAUSTED'],
    },
    {
      name: 'nothing but time-outs',
      answers: [s.uncertain()],
      expected: [3, 'ERROR', 'NEW_VERIFICATION', 'VENDOR_UNAVAILABLE', 'QUOTA_EXHAUSTED'],
    },
    {
      name: 'nothing but HTTP 500',
      answers: [s.vendorError('INTERNAL_ERROR', 500)],
      expected: [3, 'ERROR', 'NEW_VERIFICATION', 'VENDOR_UNAVAILABLE', 'QUOTA_EXHAUSTED'],
    },
    {
      name: 'pending, then time-outs',
      answers: [s.pending(), s.uncertain()],
      expected: [3, 'EXPIRED', 'NEW_VERIFICATION', 'QUOTA_EXHAUSTED', 'STILL_PROCESSING', 'VENDOR_UNAVAILABLE'],
    },
    {
      name: 'a read the guard withheld',
      answers: [s.withheld('LEDGER_UNKNOWN')],
      expected: [1, 'ERROR', 'REDRIVE_SAME_TOKEN', 'READ_WITHHELD'],
    },
    {
      name: 'dispatches of unknown effect only',
      answers: [s.withheld('REDISPATCHED')],
      expected: [3, 'ERROR', 'NEW_VERIFICATION', 'READ_WITHHELD', 'QUOTA_EXHAUSTED'],
    },
    {
      name: 'no worker until the deadline',
      answers: [s.unsent('NO_WORKER')],
      expected: [expect.any(Number), 'EXPIRED', 'NEW_VERIFICATION', 'WINDOW_PASSED'],
    },
    {
      name: 'a gate that was closed until the deadline, and no worker since',
      answers: [s.unsent('GATE_CLOSED'), s.unsent('NO_WORKER')],
      expected: [expect.any(Number), 'EXPIRED', 'NEW_VERIFICATION', 'GATE_CLOSED', 'WINDOW_PASSED'],
    },
    {
      name: 'no key for the token',
      answers: [s.unsent('TOKEN_KEY_UNKNOWN')],
      expected: [expect.any(Number), 'ERROR', 'NEW_VERIFICATION', 'TOKEN_KEY_UNKNOWN', 'WINDOW_PASSED'],
    },
    {
      name: 'an unparseable answer, then time-outs',
      answers: [s.MALFORMED, s.uncertain()],
      expected: [3, 'ERROR', 'NEW_VERIFICATION', 'MALFORMED_RESPONSE', 'QUOTA_EXHAUSTED', 'VENDOR_UNAVAILABLE'],
    },
    {
      name: 'an internal error inside an answer, then time-outs',
      answers: [withError('INTERNAL_ERROR'), s.uncertain()],
      expected: [3, 'ERROR', 'NEW_VERIFICATION', 'VENDOR_INTERNAL'],
    },
    {
      name: 'an unknown token, then time-outs',
      answers: [s.vendorError('RESULT_NOT_FOUND'), s.uncertain()],
      expected: [3, 'ERROR', 'NEW_VERIFICATION', 'TOKEN_UNKNOWN', 'QUOTA_EXHAUSTED', 'VENDOR_UNAVAILABLE'],
    },
  ])('$name', ({ answers, expected }) => {
    expect(ending(answers)).toEqual(expected);
  });

  test.each([
    ['AUTHENTICATION_ERROR', 'AUTHENTICATION'],
    ['AUTHORIZATION_ERROR', 'AUTHORIZATION'],
    ['CONCURRENCY_LIMIT_EXCEEDED', 'CONCURRENCY_SATURATED'],
    ['MISSING_ARGUMENTS', 'BAD_REQUEST'],
    ['BAD_ARGUMENTS', 'BAD_REQUEST'],
    ['API_NOT_FOUND', 'API_NOT_FOUND'],
  ] as const)('nothing but %s ends as ERROR/%s', (error, code) => {
    expect(ending([s.vendorError(error)])).toEqual([8, 'ERROR', 'NEW_VERIFICATION', code, 'QUOTA_EXHAUSTED']);
  });

  test('one slot only: an unknown token is reported without a re-check', () => {
    expect(ending([s.vendorError('RESULT_NOT_FOUND')], { settings: { maxReads: 1 } })).toEqual([
      1,
      'ERROR',
      'NEW_VERIFICATION',
      'TOKEN_UNKNOWN',
      'QUOTA_EXHAUSTED',
    ]);
  });

  test('a slot left at the deadline: the passed window comes first', () => {
    const wish = { admittedAtMs: T0 + 24 * HOUR - 15_000, tokenExpiresAtMs: T0 + 24 * HOUR };
    expect(ending([s.pending()], wish)).toEqual([1, 'EXPIRED', 'NEW_VERIFICATION', 'WINDOW_PASSED', 'STILL_PROCESSING']);
  });

  test('NOT_STARTED before token expiry settles nothing', () => {
    const state = s.stateAfter(s.assignmentWith(), [{ atMs: HOUR, report: s.pending('NOT_STARTED') }]);
    expect(concludedVerdict(state)).toBeUndefined();
    const later = s.stateAfter(s.assignmentWith(), [{ atMs: HOUR + 1, report: s.pending('NOT_STARTED') }]);
    expect(concludedVerdict(later)?.outcome).toBe('NOT_COMPLETED');
  });

  test('a settled answer is not undone by what came after it', () => {
    const reads = [s.answer(), s.uncertain()].map((report, index) => ({ atMs: (index + 1) * HOUR, report }));
    expect(concludedVerdict(s.stateAfter(s.assignmentWith(), reads))?.outcome).toBe('PASSED');
  });

  test('an ending asked for too early still tells what the last answer said', () => {
    const state = s.stateAfter(s.assignmentWith(), [{ atMs: HOUR, report: s.answer() }]);
    expect(endingVerdict(state, { limit: 'WINDOW_PASSED', atMs: T0 + 24 * HOUR }).outcome).toBe('PASSED');
    expect(s.codes(endingVerdict(initialState(s.assignmentWith()), { limit: 'WINDOW_PASSED', atMs: T0 }))).toEqual(['WINDOW_PASSED']);
  });
});

describe('destroyed data is explained by our own record', () => {
  const destroyed = s.vendorError('DATA_DESTROYED');

  test('too early and too seldom for us to be the cause: somebody else read it', () => {
    expect(ending([destroyed])).toEqual([1, 'EXPIRED', 'NEW_VERIFICATION', 'RESULT_DESTROYED_UNEXPLAINED']);
  });

  test('in the last hour of the window the day may be over for the vendor', () => {
    const state = s.stateAfter(s.assignmentWith(), [{ atMs: 23 * HOUR, report: destroyed }]);
    expect(concludedVerdict(state)?.reasons[0]?.code).toBe('WINDOW_PASSED');
  });

  test('refused requests that we gave back, but the vendor seems to have counted, explain it', () => {
    const refusals = Array.from({ length: 3 }, () => s.vendorError('CONCURRENCY_LIMIT_EXCEEDED'));
    expect(ending([...refusals, destroyed])).toEqual([4, 'EXPIRED', 'NEW_VERIFICATION', 'QUOTA_EXHAUSTED']);
  });

  test('requests that never left explain nothing', () => {
    expect(ending([s.unsent(), s.unsent(), s.unsent(), destroyed]).at(-1)).toBe('RESULT_DESTROYED_UNEXPLAINED');
  });
});

test('an answer is re-read from a slot besides the reserve even when the plan has none left', () => {
  const { readsAtMs } = s.live(s.assignmentWith({ profile: 'hinted', admittedAtMs: T0 + 2 * HOUR }), [s.MALFORMED, s.answer()]);
  expect(readsAtMs).toEqual([2 * HOUR, 2 * HOUR + MINUTE / 2]);
});
