import { describe, expect, test } from 'vitest';
import type { ComparisonAnswer, Answer } from '../../src/domain/judging/answer.ts';
import type { Criteria } from '../../src/domain/judging/compare.ts';
import { judge } from '../../src/domain/judging/judge.ts';
import { riskOf } from '../../src/domain/judging/risk.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { codes, answerWith, THRESHOLDS } from './samples.ts';

const CRITERIA: Criteria = { comparisons: [], requiredFar: '1e-4' };

function verdictOf(changes: Partial<Answer>, criteria: Partial<Criteria> = {}): Verdict {
  const judgement = judge(answerWith(changes), { ...CRITERIA, ...criteria });
  if (judgement.kind !== 'VERDICT') throw new Error(`expected a verdict, got ${judgement.kind}`);
  return judgement.verdict;
}

function ref(changes: Partial<ComparisonAnswer> = {}): ComparisonAnswer {
  return { name: 'result_ref1', confidence: 75, thresholds: THRESHOLDS, ...changes };
}

describe('the decision table', () => {
  test.each<{ name: string; changes: Partial<Answer>; criteria?: Partial<Criteria>; expected: readonly string[] }>([
    { name: 'everything in order', changes: {}, expected: ['PASSED', 'NONE', 'LOW'] },
    {
      name: 'a tie with the threshold passes',
      changes: { comparisons: [ref({ confidence: 69 })] },
      expected: ['PASSED', 'NONE', 'MEDIUM'],
    },
    {
      name: "the vendor page's 68.918 misses 1e-4",
      changes: { comparisons: [ref({ confidence: 68.918 })] },
      expected: ['FAILED', 'NONE', 'HIGH', 'MATCH_BELOW_THRESHOLD'],
    },
    {
      name: "the vendor page's 68.918 meets 1e-3",
      changes: { comparisons: [ref({ confidence: 68.918 })] },
      criteria: { requiredFar: '1e-3' },
      expected: ['PASSED', 'NONE', 'HIGH'],
    },
    {
      name: 'below every threshold',
      changes: { comparisons: [ref({ confidence: 1.5 })] },
      expected: ['FAILED', 'NONE', 'HIGH', 'MATCH_BELOW_THRESHOLD'],
    },
    {
      name: "the vendor page's numeric liveness result",
      changes: { liveness: { result: 'INDETERMINATE' } },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'LIVENESS_INDETERMINATE'],
    },
    {
      name: 'no liveness result',
      changes: { liveness: { result: 'ABSENT' } },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'LIVENESS_INDETERMINATE'],
    },
    {
      name: 'failed liveness beats a high match',
      changes: { liveness: { result: 'FAIL' } },
      expected: ['FAILED', 'NEW_VERIFICATION', 'HIGH', 'LIVENESS_FAIL'],
    },
    {
      name: 'failed liveness beats several faces',
      changes: { liveness: { result: 'FAIL' }, multipleFaces: true },
      expected: ['FAILED', 'NEW_VERIFICATION', 'HIGH', 'LIVENESS_FAIL', 'MULTIPLE_FACES'],
    },
    {
      name: 'failed liveness and a low match: both are listed',
      changes: { liveness: { result: 'FAIL' }, comparisons: [ref({ confidence: 3 })] },
      expected: ['FAILED', 'NEW_VERIFICATION', 'HIGH', 'LIVENESS_FAIL', 'MATCH_BELOW_THRESHOLD'],
    },
    {
      name: 'failed liveness in a cancelled session',
      changes: { status: 'CANCELLED', liveness: { result: 'FAIL' } },
      expected: ['FAILED', 'NEW_VERIFICATION', 'HIGH', 'LIVENESS_FAIL', 'USER_CANCELLED'],
    },
    { name: 'several faces', changes: { multipleFaces: true }, expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'MULTIPLE_FACES'] },
    { name: 'one face', changes: { multipleFaces: false }, expected: ['PASSED', 'NONE', 'LOW'] },
    {
      name: 'foreign business number',
      changes: { bizNo: 'DIFFERS' },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'CORRELATION_MISMATCH'],
    },
    { name: 'own business number', changes: { bizNo: 'MATCHES' }, expected: ['PASSED', 'NONE', 'LOW'] },
    { name: 'no business number', changes: { bizNo: 'ABSENT' }, expected: ['PASSED', 'NONE', 'LOW'] },
    {
      name: 'contradicting duplicates',
      changes: { unclear: ['status'] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'CONTRADICTORY_RESPONSE'],
    },
    {
      name: 'contradicting duplicates in a pending answer',
      changes: { status: 'PROCESSING', unclear: ['status'] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'CONTRADICTORY_RESPONSE'],
    },
    {
      name: 'contradicting duplicates beat failed liveness',
      changes: { unclear: ['liveness_result.result'], liveness: { result: 'FAIL' } },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'HIGH', 'CONTRADICTORY_RESPONSE', 'LIVENESS_FAIL'],
    },
    {
      name: 'no face in an image',
      changes: { verifyError: 'NO_FACE_FOUND', comparisons: [] },
      expected: ['NEEDS_REVIEW', 'NEW_VERIFICATION', 'UNKNOWN', 'COMPARE_NO_FACE'],
    },
    {
      name: 'data source error',
      changes: { verifyError: 'DATA_SOURCE_ERROR', comparisons: [] },
      expected: ['ERROR', 'WAIT_VENDOR', 'UNKNOWN', 'DATA_SOURCE_ERROR'],
    },
    {
      name: 'an error beside a good comparison',
      changes: { verifyError: 'NO_FACE_FOUND' },
      expected: ['NEEDS_REVIEW', 'NEW_VERIFICATION', 'UNKNOWN', 'COMPARE_NO_FACE'],
    },
    {
      name: 'identity not found',
      changes: { verifyError: 'NO_SUCH_ID_NUMBER' },
      expected: ['FAILED', 'NONE', 'UNKNOWN', 'IDENTITY_NOT_FOUND'],
    },
    {
      name: 'identity and name differ',
      changes: { verifyError: 'ID_NUMBER_NAME_NOT_MATCH' },
      expected: ['FAILED', 'NONE', 'UNKNOWN', 'IDENTITY_NAME_MISMATCH'],
    },
    {
      name: 'unusable reference image',
      changes: { verifyError: 'IMAGE_ERROR_UNSUPPORTED_FORMAT' },
      expected: ['NEEDS_REVIEW', 'NEW_VERIFICATION', 'UNKNOWN', 'REFERENCE_IMAGE_UNUSABLE'],
    },
    {
      name: 'an unknown comparison error',
      changes: { verifyError: 'UNKNOWN' },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'COMPARE_MISSING'],
    },
    {
      name: 'no comparison data',
      changes: { verifyPresent: false, comparisons: [] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'COMPARE_MISSING'],
    },
    {
      name: 'comparisons said to be absent',
      changes: { verifyPresent: false },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'COMPARE_MISSING'],
    },
    {
      name: 'only informational comparisons',
      changes: { comparisons: [ref({ name: 'result_faceid' })] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'COMPARE_MISSING'],
    },
    {
      name: 'a named comparison that is missing',
      changes: {},
      criteria: { comparisons: ['result_ref2'] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'COMPARE_MISSING'],
    },
    {
      name: 'a named comparison that is not a reference',
      changes: { comparisons: [ref({ name: 'result_idcard_photo' }), ref({ confidence: 2 })] },
      criteria: { comparisons: ['result_idcard_photo', 'result_idcard_photo'] },
      expected: ['PASSED', 'NONE', 'LOW'],
    },
    {
      name: 'one of two references fails',
      changes: { comparisons: [ref(), ref({ name: 'result_ref2', confidence: 65 })] },
      expected: ['FAILED', 'NONE', 'HIGH', 'MATCH_BELOW_THRESHOLD'],
    },
    {
      name: 'both references fail: one reason',
      changes: { comparisons: [ref({ confidence: 2 }), ref({ name: 'result_ref2', confidence: 65 })] },
      expected: ['FAILED', 'NONE', 'HIGH', 'MATCH_BELOW_THRESHOLD'],
    },
    {
      name: 'the required threshold is missing',
      changes: { comparisons: [ref({ thresholds: { '1e-3': 64 } })] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'THRESHOLD_MISSING'],
    },
    {
      name: 'thresholds that fall',
      changes: { comparisons: [ref({ thresholds: { ...THRESHOLDS, '1e-5': 60 } })] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'THRESHOLD_IMPLAUSIBLE'],
    },
    {
      name: 'a threshold that is no score',
      changes: { comparisons: [ref({ thresholds: { '1e-4': -1 } })] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'THRESHOLD_IMPLAUSIBLE'],
    },
    {
      name: 'a threshold beside it that is no score',
      changes: { comparisons: [ref({ thresholds: { '1e-4': 69, '1e-6': 101 } })] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'THRESHOLD_IMPLAUSIBLE'],
    },
    {
      name: 'no confidence',
      changes: { comparisons: [{ name: 'result_ref1', thresholds: THRESHOLDS }] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'COMPARE_MISSING'],
    },
    {
      name: 'a confidence that is no score',
      changes: { comparisons: [ref({ confidence: Number.NaN })] },
      expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'COMPARE_MISSING'],
    },
    {
      name: 'a failed session without answer',
      changes: { status: 'FAILED', liveness: { result: 'ABSENT' }, comparisons: [] },
      expected: ['FAILED', 'NEW_VERIFICATION', 'UNKNOWN', 'LIVENESS_SESSION_FAILED'],
    },
    {
      name: 'a failed session with failed liveness',
      changes: { status: 'FAILED', liveness: { result: 'FAIL' } },
      expected: ['FAILED', 'NEW_VERIFICATION', 'HIGH', 'LIVENESS_SESSION_FAILED', 'LIVENESS_FAIL'],
    },
    {
      name: 'a failed session never passes, whatever else it says',
      changes: { status: 'FAILED' },
      expected: ['FAILED', 'NEW_VERIFICATION', 'UNKNOWN', 'LIVENESS_SESSION_FAILED'],
    },
    {
      name: 'a cancelled session',
      changes: { status: 'CANCELLED' },
      expected: ['NOT_COMPLETED', 'NEW_VERIFICATION', 'UNKNOWN', 'USER_CANCELLED'],
    },
    {
      name: 'a session timeout by the network',
      changes: { status: 'TIMEOUT', failReason: 'NETWORK_ERROR' },
      expected: ['NOT_COMPLETED', 'NEW_VERIFICATION', 'UNKNOWN', 'SESSION_TIMEOUT', 'NETWORK_PROBLEM'],
    },
    {
      name: 'a denied camera',
      changes: { status: 'CANCELLED', failReason: 'PERMISSIONS_ERROR' },
      expected: ['NOT_COMPLETED', 'NEW_VERIFICATION', 'UNKNOWN', 'USER_CANCELLED', 'CAMERA_DENIED'],
    },
    {
      name: 'an old browser, said twice',
      changes: { status: 'WEBRTC_UNSUPPORTED', failReason: 'SUPPORT_ERROR' },
      expected: ['NOT_COMPLETED', 'NEW_VERIFICATION', 'UNKNOWN', 'BROWSER_UNSUPPORTED'],
    },
    {
      name: 'an unknown fail reason',
      changes: { status: 'TIMEOUT', failReason: 'UNKNOWN' },
      expected: ['NOT_COMPLETED', 'NEW_VERIFICATION', 'UNKNOWN', 'SESSION_TIMEOUT'],
    },
  ])('$name', ({ changes, criteria, expected }) => {
    const verdict = verdictOf(changes, criteria);
    expect([verdict.outcome, verdict.retryAdvice, verdict.riskLevel, ...codes(verdict)]).toEqual(expected);
  });
});

test.each(['NOT_STARTED', 'PROCESSING', 'UNKNOWN'] as const)('%s is pending, even beside a passing result', (status) => {
  expect(judge(answerWith({ status }), CRITERIA)).toEqual({ kind: 'PENDING' });
});

test("the vendor's internal error asks for a re-read, unless something else decides first", () => {
  expect(judge(answerWith({ verifyError: 'INTERNAL_ERROR' }), CRITERIA)).toMatchObject({
    kind: 'REREAD',
    otherwise: { outcome: 'ERROR' },
  });
  expect(verdictOf({ verifyError: 'INTERNAL_ERROR', liveness: { result: 'FAIL' } }).outcome).toBe('FAILED');
});

test('the verdict shows every comparison, required ones first, with the strictest level met', () => {
  const comparisons = [ref({ name: 'result_faceid', confidence: 80 }), ref({ confidence: 70 })];
  expect(verdictOf({ comparisons }, { comparisons: ['result_ref1', 'result_ref9'] }).comparisons).toEqual([
    { name: 'result_ref1', confidence: 70, thresholds: THRESHOLDS, farLevelMet: '1e-4', required: true, passed: true },
    { name: 'result_ref9', thresholds: {}, required: true, passed: false },
    { name: 'result_faceid', confidence: 80, thresholds: THRESHOLDS, farLevelMet: '1e-6', required: false, passed: true },
  ]);
});

test('without a required comparison the risk is unknown', () => {
  expect(riskOf({ liveness: { result: 'PASS' }, reasons: [], comparisons: [] })).toBe('UNKNOWN');
});

test('a score that was lost in a history (null) is no score', () => {
  const lost: Partial<Answer> = JSON.parse('{"comparisons":[{"name":"result_ref1","confidence":50,"thresholds":{"1e-4":null}}]}');
  expect(codes(verdictOf(lost))).toEqual(['THRESHOLD_MISSING']);
});
