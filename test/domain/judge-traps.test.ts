import { expect, test } from 'vitest';
import type { Answer, ComparisonAnswer } from '../../src/domain/judging/answer.ts';
import { judge } from '../../src/domain/judging/judge.ts';
import { answerWith, codes, THRESHOLDS } from './samples.ts';

// What would pass anyone, or tells of an attack, beside liveness PASS.

function ref(changes: Partial<ComparisonAnswer> = {}): ComparisonAnswer {
  return { name: 'result_ref1', confidence: 75, thresholds: THRESHOLDS, ...changes };
}

type Row = { readonly name: string; readonly changes: Partial<Answer>; readonly expected: readonly string[] };

const ROWS: readonly Row[] = [
  ...(
    [
      ['thresholds of nothing', { '1e-3': 0, '1e-4': 0, '1e-5': 0, '1e-6': 0 }, 0],
      ['thresholds between 0 and 1', { '1e-3': 0.62, '1e-4': 0.69, '1e-5': 0.74, '1e-6': 0.78 }, 41.2],
      ['thresholds between 0 and 1 beside a confidence of their scale', { '1e-3': 0.62, '1e-4': 0.69, '1e-5': 0.74, '1e-6': 0.78 }, 0.8],
      ['thresholds up to 1', { '1e-3': 0.1, '1e-4': 0.5, '1e-5': 0.9, '1e-6': 1 }, 41.2],
      ['thresholds between 1 and 10', { '1e-3': 6.2, '1e-4': 6.9, '1e-5': 7.4, '1e-6': 7.8 }, 41.2],
      ['one threshold of nothing', { '1e-3': 0, '1e-4': 69, '1e-5': 74, '1e-6': 79.9 }, 75],
      ['thresholds that stay', { '1e-3': 70, '1e-4': 70, '1e-5': 70, '1e-6': 70 }, 75],
      ['two that stay', { '1e-3': 64, '1e-4': 69, '1e-5': 69, '1e-6': 79.9 }, 75],
      ['thresholds that fall', { '1e-3': 79.9, '1e-4': 74, '1e-5': 69, '1e-6': 64 }, 75],
      ['a confidence between 0 and 1', THRESHOLDS, 0.91],
      ['a confidence of exactly 1', THRESHOLDS, 1],
    ] as const
  ).map(([name, thresholds, confidence]) => ({
    name,
    changes: { comparisons: [ref({ thresholds, confidence })] },
    expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'THRESHOLD_IMPLAUSIBLE'],
  })),
  {
    name: 'a threshold that was no number',
    changes: { implausible: ['result_ref1'] },
    expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'THRESHOLD_IMPLAUSIBLE'],
  },
  {
    name: 'thresholds of nothing beside those that decide',
    changes: { comparisons: [ref(), ref({ name: 'result_faceid', thresholds: { '1e-3': 0, '1e-4': 0 } })] },
    expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'UNKNOWN', 'THRESHOLD_IMPLAUSIBLE'],
  },
  {
    name: 'a sign of an attack',
    changes: { attackSigns: ['MASK'] },
    expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'HIGH', 'ATTACK_SUSPECTED'],
  },
  {
    name: 'a sign of an attack beside a low match',
    changes: { attackSigns: ['MASK'], comparisons: [ref({ confidence: 20 })] },
    expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'HIGH', 'ATTACK_SUSPECTED', 'MATCH_BELOW_THRESHOLD'],
  },
  {
    name: 'failed liveness beats a sign of an attack',
    changes: { attackSigns: ['MASK'], liveness: { result: 'FAIL' } },
    expected: ['FAILED', 'NEW_VERIFICATION', 'HIGH', 'LIVENESS_FAIL', 'ATTACK_SUSPECTED'],
  },
  {
    name: 'a sign of an attack in a session that was cancelled',
    changes: { attackSigns: ['ATTACK'], status: 'CANCELLED' },
    expected: ['NEEDS_REVIEW', 'MANUAL_REVIEW', 'HIGH', 'ATTACK_SUSPECTED', 'USER_CANCELLED'],
  },
  {
    name: 'a sign of an attack in a session that failed',
    changes: { attackSigns: ['ATTACK'], status: 'FAILED' },
    expected: ['FAILED', 'NEW_VERIFICATION', 'HIGH', 'LIVENESS_SESSION_FAILED', 'ATTACK_SUSPECTED'],
  },
];

test.each(ROWS)('$name', ({ changes, expected }) => {
  const judgement = judge(answerWith(changes), { comparisons: [], requiredFar: '1e-4' });
  if (judgement.kind !== 'VERDICT') throw new Error(`expected a verdict, got ${judgement.kind}`);
  const { verdict } = judgement;
  expect([verdict.outcome, verdict.retryAdvice, verdict.riskLevel, ...codes(verdict)]).toEqual(expected);
});

test('a sign of an attack before the session is over ends nothing', () => {
  expect(judge(answerWith({ status: 'PROCESSING', attackSigns: ['MASK'] }), { comparisons: [], requiredFar: '1e-4' })).toEqual({
    kind: 'PENDING',
  });
});

test('a comparison with implausible thresholds meets no level', () => {
  const judgement = judge(answerWith({ comparisons: [ref({ thresholds: { '1e-4': 0.5 } })] }), { comparisons: [], requiredFar: '1e-4' });
  expect(judgement).toMatchObject({ verdict: { comparisons: [{ passed: false }] } });
  expect(JSON.stringify(judgement)).not.toContain('farLevelMet');
});
