import { describe, expect, test } from 'vitest';
import { nextRead } from '../../src/domain/reading/next-read.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import * as s from './samples.ts';

const { T0, MINUTE } = s;

/** Outcome, advice and reason codes of a verification answered with `answers`, the last one repeating. */
function ending(answers: readonly ReadReport[], wish: Parameters<typeof s.assignmentWith>[0] = {}): readonly (string | number)[] {
  const { verdict, readsAtMs } = s.live(s.assignmentWith(wish), answers);
  return [readsAtMs.length, verdict.outcome, verdict.retryAdvice, ...s.codes(verdict)];
}

describe('an answer that says nothing', () => {
  test.each<[string, ReadReport]>([
    ['one that nobody can parse', s.MALFORMED],
    ['an OK without its comparison', s.answer({ comparisons: [] })],
    ['INTERNAL_ERROR inside a 200', s.answer({ verifyError: 'INTERNAL_ERROR' })],
  ])('%s is asked for once more, although slots besides the reserve are left', (_name, report) => {
    const settings = { maxReads: 5, customOffsetsMs: [0, 1, 2, 3, 4].map((times) => times * MINUTE) };
    expect(ending([report], { profile: 'custom', settings })[0]).toBe(2);
  });
});

describe('definite refusals', () => {
  test.each<[string, ReadReport, readonly (string | number)[]]>([
    ['DATA_SOURCE_ERROR', s.vendorError('DATA_SOURCE_ERROR', 400), [1, 'ERROR', 'WAIT_VENDOR', 'DATA_SOURCE_ERROR']],
    ['NO_FACE_FOUND', s.vendorError('NO_FACE_FOUND', 400), [1, 'NEEDS_REVIEW', 'NEW_VERIFICATION', 'COMPARE_NO_FACE']],
    ['MULTIPLE_FACES', s.vendorError('MULTIPLE_FACES', 400), [1, 'NEEDS_REVIEW', 'NEW_VERIFICATION', 'REFERENCE_IMAGE_UNUSABLE']],
    [
      'an image of no known format',
      s.vendorError('IMAGE_ERROR_UNSUPPORTED_FORMAT', 400),
      [1, 'NEEDS_REVIEW', 'NEW_VERIFICATION', 'REFERENCE_IMAGE_UNUSABLE'],
    ],
    ['NO_SUCH_ID_NUMBER', s.vendorError('NO_SUCH_ID_NUMBER', 400), [1, 'FAILED', 'NONE', 'IDENTITY_NOT_FOUND']],
    ['ID_NUMBER_NAME_NOT_MATCH', s.vendorError('ID_NUMBER_NAME_NOT_MATCH', 400), [1, 'FAILED', 'NONE', 'IDENTITY_NAME_MISMATCH']],
    [
      'DATA_SOURCE_ERROR beside a pending status',
      s.vendorError('DATA_SOURCE_ERROR', 200, { credible: false }),
      [1, 'ERROR', 'WAIT_VENDOR', 'DATA_SOURCE_ERROR'],
    ],
  ])('%s at the top ends it at once', (_name, report, expected) => {
    expect(ending([report])).toEqual(expected);
  });

  test('beside a pending status another read may bring more', () => {
    expect(ending([s.vendorError('NO_FACE_FOUND', 200, { credible: false }), s.answer()])).toEqual([2, 'PASSED', 'NONE']);
  });

  const denials: readonly [string, ReadReport, string][] = [
    ['RESULT_NOT_FOUND', s.vendorError('RESULT_NOT_FOUND', 400), 'TOKEN_UNKNOWN'],
    ['INVALID_TOKEN', s.vendorError('INVALID_TOKEN', 400), 'TOKEN_UNKNOWN'],
    ['BAD_ARGUMENTS:token', s.vendorError('BAD_ARGUMENTS', 400, { about: 'TOKEN' }), 'BAD_REQUEST'],
    ['MISSING_ARGUMENTS:token', s.vendorError('MISSING_ARGUMENTS', 400, { about: 'TOKEN' }), 'BAD_REQUEST'],
  ];

  describe.each(denials)('%s speaks of this token', (_name, denial, code) => {
    test('one re-check after the error backoff, then its ERROR: within minutes', () => {
      const { readsAtMs, verdict, endedAtMs } = s.live(s.assignmentWith(), [denial]);
      expect(readsAtMs).toHaveLength(2);
      const [first = 0, second = 0] = readsAtMs;
      expect(second - first).toBeGreaterThanOrEqual(30_000);
      expect(endedAtMs - first).toBeLessThan(2 * MINUTE);
      expect([verdict.outcome, ...s.codes(verdict)]).toEqual(['ERROR', code]);
    });

    test('what the re-check brings is used', () => {
      expect(s.live(s.assignmentWith(), [denial, s.answer()]).verdict.outcome).toBe('PASSED');
    });

    test('a re-check that never left is made again, soon', () => {
      const { readsAtMs, verdict } = s.live(s.assignmentWith(), [denial, s.unsent(), denial]);
      expect((readsAtMs[2] ?? 0) - (readsAtMs[0] ?? 0)).toBeLessThan(3 * MINUTE);
      expect(s.codes(verdict)).toEqual([code]);
    });

    test('also when only the reserve is left, which the ERROR would leave unused', () => {
      const { readsAtMs, verdict } = s.live(s.assignmentWith(), [s.pending(), denial, s.answer()]);
      expect((readsAtMs[2] ?? 0) - (readsAtMs[1] ?? 0)).toBeLessThan(2 * MINUTE);
      expect(verdict.outcome).toBe('PASSED');
    });
  });

  test('two different denials are two', () => {
    expect(ending([s.vendorError('RESULT_NOT_FOUND', 400), s.vendorError('BAD_ARGUMENTS', 400, { about: 'TOKEN' })])).toEqual([
      2,
      'ERROR',
      'REDRIVE_SAME_TOKEN',
      'BAD_REQUEST',
    ]);
  });

  test('four refusals by HTTP 200 are three requests', () => {
    const { readsAtMs, verdict } = s.live(s.assignmentWith(), [s.vendorError('BAD_ARGUMENTS', 200)]);
    expect(readsAtMs).toHaveLength(3);
    expect([verdict.outcome, ...s.codes(verdict)]).toEqual(['ERROR', 'BAD_REQUEST', 'QUOTA_EXHAUSTED']);
  });

  test('it is repeated after the error backoff, not at the next planned read', () => {
    const read = s.stateAfter(s.assignmentWith(), [{ atMs: 5 * MINUTE, report: s.vendorError('RESULT_NOT_FOUND', 400) }]);
    expect(nextRead(read)?.atMs).toBe(T0 + 5 * MINUTE + 30_000);
  });
});

describe('an incomplete OK', () => {
  const noThresholds = [{ name: 'result_ref1', confidence: 80, thresholds: {} }];
  const incomplete: readonly [string, ReadReport, string][] = [
    ['no comparison', s.answer({ comparisons: [] }), 'COMPARE_MISSING'],
    ['no verify_result', s.answer({ verifyPresent: false, comparisons: [] }), 'COMPARE_MISSING'],
    ['no confidence', s.answer({ comparisons: [{ name: 'result_ref1', thresholds: s.THRESHOLDS }] }), 'COMPARE_MISSING'],
    ['no thresholds', s.answer({ comparisons: noThresholds }), 'THRESHOLD_MISSING'],
    ['no liveness result', s.answer({ liveness: { result: 'ABSENT' } }), 'LIVENESS_INDETERMINATE'],
  ];

  test.each(incomplete)('%s: one re-read after the error backoff, then NEEDS_REVIEW', (_name, report, code) => {
    const { readsAtMs, verdict } = s.live(s.assignmentWith(), [report]);
    expect((readsAtMs[1] ?? 0) - (readsAtMs[0] ?? 0)).toBe(30_000);
    expect(readsAtMs).toHaveLength(2);
    expect([verdict.outcome, verdict.retryAdvice, s.codes(verdict)[0]]).toEqual(['NEEDS_REVIEW', 'MANUAL_REVIEW', code]);
    expect(s.live(s.assignmentWith(), [report, s.answer()]).verdict.outcome).toBe('PASSED');
  });

  test.each(incomplete)('%s, with only the reserve left, is final', (_name, report) => {
    expect(ending([s.pending(), report]).slice(0, 2)).toEqual([2, 'NEEDS_REVIEW']);
    expect(ending([report], { settings: { maxReads: 1 } }).slice(0, 2)).toEqual([1, 'NEEDS_REVIEW']);
  });

  test('a re-read that nobody answered leaves the reserve, and then the first answer', () => {
    expect(ending([s.answer({ comparisons: [] }), s.uncertain()]).slice(0, 2)).toEqual([3, 'NEEDS_REVIEW']);
    expect(ending([s.answer({ comparisons: [] }), s.uncertain(), s.answer()]).slice(0, 2)).toEqual([3, 'PASSED']);
  });

  test.each<[string, ReadReport]>([
    ['an unknown error explains the absence', s.answer({ verifyError: 'UNKNOWN', comparisons: [] })],
    ['a numeric liveness result is there', s.answer({ liveness: { result: 'INDETERMINATE' } })],
    ['failed liveness decides', s.answer({ liveness: { result: 'FAIL' }, comparisons: [] })],
    ['a contradiction decides', s.answer({ unclear: ['error'], comparisons: [] })],
    ['a sign of attack decides', s.answer({ attackSigns: ['MASK'], comparisons: [] })],
  ])('%s: no other look', (_name, report) => {
    expect(ending([report])[0]).toBe(1);
  });

  test('an unparseable answer and an incomplete one have one re-read together', () => {
    expect(ending([s.MALFORMED, s.answer({ comparisons: [] })]).slice(0, 2)).toEqual([2, 'NEEDS_REVIEW']);
  });
});
