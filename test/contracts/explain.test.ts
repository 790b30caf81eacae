import { describe, expect, it } from 'vitest';
import { durationText, fromNowText } from '../../src/contracts/text/duration.ts';
import { explain } from '../../src/contracts/text/explain.ts';
import { readWaitLabel, waitLabel, waitText } from '../../src/contracts/text/labels.ts';
import { defined } from '../../src/domain/defined.ts';
import type { Answer } from '../../src/domain/judging/answer.ts';
import { judge } from '../../src/domain/judging/judge.ts';
import { isReasonCode, REASONS, reason } from '../../src/domain/reasons.ts';
import { WAIT_REASONS } from '../../src/domain/state.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { answer, HOUR_MS } from '../support/verification-input.ts';

const NOW = Date.parse('2026-01-05T14:00:00Z');
const THRESHOLDS = { '1e-3': 64, '1e-4': 69, '1e-5': 74, '1e-6': 79.9 };

function whyOf(changes: Partial<Answer>, comparisons: readonly string[] = []): string {
  const report = answer({ comparisons: [{ name: 'result_ref1', confidence: 68.918, thresholds: THRESHOLDS }], ...changes });
  if (report.kind !== 'ANSWER') throw new Error('no answer');
  const judgement = judge(report.answer, { comparisons, requiredFar: '1e-4' });
  if (judgement.kind !== 'VERDICT') throw new Error('no verdict');
  return explain({ verdict: judgement.verdict, requiredFar: '1e-4', answer: report.answer });
}

describe('why a verdict is what it is', () => {
  it.each<[string, Partial<Answer>, string]>([
    ['a score below its threshold', {}, 'result_ref1 68.918, needs 69 for 1e-4'],
    [
      'a score that reaches it',
      { comparisons: [{ name: 'result_ref1', confidence: 69, thresholds: THRESHOLDS }] },
      'liveness PASS; result_ref1 69, needs 69 for 1e-4',
    ],
    [
      'no threshold',
      { comparisons: [{ name: 'result_ref1', confidence: 80, thresholds: { '1e-3': 64 } }] },
      'result_ref1 80, no threshold for 1e-4',
    ],
    [
      'no confidence',
      { comparisons: [{ name: 'result_ref1', thresholds: THRESHOLDS }] },
      'result_ref1 without a confidence, needs 69 for 1e-4',
    ],
    [
      'thresholds of another scale',
      { comparisons: [{ name: 'result_ref1', confidence: 80, thresholds: { '1e-4': 0.69 } }] },
      'result_ref1 80 beside thresholds 0.69 for 1e-4',
    ],
    ['no comparison', { comparisons: [], verifyPresent: false }, 'a required comparison or its confidence is missing'],
    [
      'failed liveness, with its scores',
      { liveness: { result: 'FAIL', scores: { flashAttack: 0.91 } } },
      'liveness FAIL (flash attack 0.91); result_ref1 68.918, needs 69 for 1e-4',
    ],
    ['unclear liveness', { liveness: { result: 'INDETERMINATE' } }, 'liveness INDETERMINATE; result_ref1 68.918, needs 69 for 1e-4'],
    [
      'signs of an attack, by name',
      { attackSigns: ['MASK', 'NESTED_ERROR'] },
      'signs of an attack: MASK, NESTED_ERROR; result_ref1 68.918, needs 69 for 1e-4',
    ],
    ['several faces', { multipleFaces: true }, 'several faces were seen; result_ref1 68.918, needs 69 for 1e-4'],
    ['a contradiction', { unclear: ['status'] }, 'unclear in the answer: status; result_ref1 68.918, needs 69 for 1e-4'],
    ['an error of the comparison', { verifyError: 'NO_FACE_FOUND' }, 'no face was found in an image'],
  ])('%s', (_what, changes, sentence) => {
    expect(whyOf(changes)).toBe(sentence);
  });

  it('names what was asked for and did not come', () => {
    expect(whyOf({}, ['result_ref2'])).toBe('result_ref2 without a confidence, no threshold for 1e-4');
  });

  it.each(Object.keys(REASONS).filter(isReasonCode))(
    '%s has a sentence without an answer, too, that the Temporal UI draws well',
    (code) => {
      const text = explain({ verdict: { outcome: 'ERROR', reasons: [reason(code, 'STATUS')], comparisons: [] }, requiredFar: '1e-4' });
      expect(text).toMatch(/^[^|`<>]{5,120}$/);
      expect(text).not.toMatch(/\d\/\d/);
    },
  );

  it('what a person decided stands before what the person saw', () => {
    const comparisons = [{ name: 'result_ref1', confidence: 70, thresholds: THRESHOLDS, required: true, passed: true }];
    const report = answer({ multipleFaces: true });
    const seen = { requiredFar: '1e-4', answer: report.kind === 'ANSWER' ? report.answer : undefined } as const;
    const verdict = { outcome: 'PASSED', reasons: [reason('MANUAL_APPROVED', 'OPERATOR')], comparisons } as const;
    expect(explain({ verdict, ...seen })).toBe('a person looked at it and approved it; liveness PASS; result_ref1 70, needs 69 for 1e-4');
    const rejected = { outcome: 'FAILED', reasons: [reason('MANUAL_REJECTED', 'OPERATOR')], comparisons: [] } as const;
    expect(explain({ verdict: rejected, requiredFar: '1e-4' })).toBe('a person looked at it and rejected it');
  });

  it('a code of a newer release stands for itself', () => {
    const reasons: Verdict['reasons'] = JSON.parse('[{ "code": "SOMETHING_NEW", "category": "vendor", "stage": "STATUS" }]');
    expect(explain({ verdict: { outcome: 'ERROR', reasons, comparisons: [] }, requiredFar: '1e-4' })).toBe('SOMETHING_NEW');
  });
});

it('what was not kept is told beside what decided, or beside what spoke for it', () => {
  const lost = reason('EVIDENCE_STORE_FAILED', 'EVIDENCE');
  const comparisons = [{ name: 'result_ref1', confidence: 91, thresholds: THRESHOLDS, required: true, passed: true }];
  const told = (outcome: Verdict['outcome'], reasons: Verdict['reasons']): string =>
    explain({ verdict: { outcome, reasons, comparisons }, requiredFar: '1e-4' });
  expect(told('PASSED', [lost])).toBe(`${REASONS.EVIDENCE_STORE_FAILED[3]}; result_ref1 91, needs 69 for 1e-4`);
  expect(told('NEEDS_REVIEW', [reason('MULTIPLE_FACES', 'MULTIFACE'), lost])).toBe(
    `several faces were seen; ${REASONS.EVIDENCE_STORE_FAILED[3]}`,
  );
});

it('a wait label can be read again, for every reason', () => {
  for (const why of WAIT_REASONS) {
    for (const nextReadAtMs of [undefined, NOW + 30_000, NOW + 20 * HOUR_MS]) {
      const label = waitLabel({ kind: 'WAIT', why, untilMs: NOW + 20 * HOUR_MS, ...defined({ nextReadAtMs }) }, NOW);
      const follows = why === 'EMISSION_STOPPED' ? 'sent again' : nextReadAtMs === undefined ? undefined : 'next read';
      expect(readWaitLabel(label)).toEqual({ why: waitText(why), ...defined({ follows }) });
    }
  }
  expect(readWaitLabel('of another release')).toEqual({ why: 'of another release' });
});

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1 s'],
  [4_260, '4.2 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [185_000, '3 min 5 s'],
  [HOUR_MS, '1 h'],
  [HOUR_MS * 2 + 300_000, '2 h 5 min'],
  [HOUR_MS * 27, '1 d 3 h'],
  [-5, '0 ms'],
])('%i ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
  expect(fromNowText(NOW + Math.max(0, ms), NOW)).toBe(`in ${text}`);
});
