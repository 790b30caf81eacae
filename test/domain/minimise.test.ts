import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReadReport } from '../../src/contracts/recorded.ts';
import { explain } from '../../src/contracts/text/explain.ts';
import type { Answer } from '../../src/domain/judging/answer.ts';
import { judge } from '../../src/domain/judging/judge.ts';
import { isIncomplete } from '../../src/domain/judging/incomplete.ts';
import { minimised, minimisedReport } from '../../src/domain/judging/minimise.ts';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import { FAR_LEVELS } from '../../src/domain/policy.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { anyAnswer, anyAssignment, anyReport } from '../properties/generators.ts';
import { runs } from '../properties/runs.ts';
import { answerWith, stateAfter } from './samples.ts';

const anyCriteria = fc.record({
  comparisons: fc.constantFrom([], ['result_ref1'], ['result_ref2', 'result_faceid'], ['result_ref1', 'result_ref1', 'absent']),
  requiredFar: fc.constantFrom(...FAR_LEVELS),
});
/** Those that fewer figures leave nothing to tell of. */
const anyNames = fc.constantFrom(undefined, ['result_ref1'], ['result_faceid']);

/** What a consumer decides by, without the figures. */
function conclusion(verdict: Verdict | undefined) {
  return verdict && { ...verdict, comparisons: verdict.comparisons.map(({ confidence: _c, thresholds: _t, ...rest }) => rest) };
}

function overHistory(answer: Answer): Answer {
  return JSON.parse(JSON.stringify(answer));
}

describe('fewer figures of the vendor', () => {
  it('never change a judgement, by whatever criteria, also after a history', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyAnswer, anyNames, anyCriteria, (drawn, implausible, criteria) => {
        const answer = implausible === undefined ? drawn : { ...drawn, implausible };
        const full = judge(answer, criteria);
        for (const scores of ['banded', 'none'] as const) {
          const less = judge(overHistory(minimised(answer, scores)), criteria);
          expect(less.kind).toBe(full.kind);
          expect(conclusion(verdictIn(less))).toEqual(conclusion(verdictIn(full)));
        }
        for (const { code } of verdictIn(full)?.reasons ?? []) seen.add(code);
      }),
      runs(20_000),
    );
    // Every reason that rests on figures came up, or this proves nothing.
    expect([...seen]).toEqual(
      expect.arrayContaining(['COMPARE_MISSING', 'THRESHOLD_MISSING', 'THRESHOLD_IMPLAUSIBLE', 'MATCH_BELOW_THRESHOLD']),
    );
  });

  it('never change what becomes of a verification, nor what is asked again', () => {
    fc.assert(
      fc.property(anyAssignment, fc.array(anyReport, { minLength: 1, maxLength: 5 }), (assignment, reports) => {
        const conclude = (told: readonly ReadReport[]) =>
          conclusion(
            concludedVerdict(
              stateAfter(
                assignment,
                told.map((report, index) => ({ atMs: index * 60_000, report })),
              ),
            ),
          );
        const criteria = { comparisons: assignment.comparisons, requiredFar: assignment.policy.requiredFar };
        for (const scores of ['banded', 'none'] as const) {
          const less = reports.map((report) => minimisedReport(report, scores));
          expect(conclude(less)).toEqual(conclude(reports));
          expect(less.map((report) => isIncomplete(report, criteria))).toEqual(reports.map((report) => isIncomplete(report, criteria)));
        }
      }),
      runs(5_000),
    );
  });

  it('are what is left: no confidence, no score but in tenths, or none at all', () => {
    const answer = answerWith({
      liveness: { result: 'PASS', scores: { flashAttack: 0.1234, livingAttack: 0.08 } },
      comparisons: [{ name: 'result_ref1', confidence: 71.234, thresholds: { '1e-3': 62.17, '1e-4': 69.32, '1e-5': 74.4 } }],
    });
    const reached = { '1e-3': true, '1e-4': true, '1e-5': false };
    expect(minimised(answer, 'full')).toBe(answer);
    expect(minimised(answer, 'banded')).toMatchObject({
      liveness: { result: 'PASS', scores: { flashAttack: 0.1, livingAttack: 0.1 } },
      comparisons: [{ name: 'result_ref1', thresholds: { '1e-3': 62.17, '1e-4': 69.32, '1e-5': 74.4 }, reached }],
    });
    const none = minimised(answer, 'none');
    expect(none).toMatchObject({ liveness: { result: 'PASS' }, comparisons: [{ name: 'result_ref1', thresholds: {}, reached }] });
    expect(JSON.stringify(none)).not.toMatch(/71\.234|69\.32|0\.1/);
    expect(JSON.stringify(minimised(answer, 'banded'))).not.toMatch(/71\.234|0\.1234|0\.08/);
  });

  it('pass the check of what activities answer, and stay as they are when left out again', () => {
    fc.assert(
      fc.property(anyReport, fc.constantFrom('banded', 'none'), (report, scores) => {
        const less = minimisedReport(report, scores);
        if (isReadReport(JSON.parse(JSON.stringify(report)))) expect(isReadReport(JSON.parse(JSON.stringify(less)))).toBe(true);
        expect(minimisedReport(less, scores)).toEqual(less);
      }),
      runs(2_000),
    );
  });

  it('are explained by levels', () => {
    const answer = minimised(
      answerWith({
        comparisons: [{ name: 'result_ref1', confidence: 65, thresholds: { '1e-3': 62, '1e-4': 69, '1e-5': 74, '1e-6': 79 } }],
      }),
      'none',
    );
    const verdict = verdictIn(judge(answer, { comparisons: [], requiredFar: '1e-4' }));
    expect(verdict && explain({ verdict, requiredFar: '1e-4', answer })).toBe('result_ref1 reaches 1e-3, needs 1e-4');
  });
});

function verdictIn(judgement: ReturnType<typeof judge>): Verdict | undefined {
  if (judgement.kind === 'PENDING') return undefined;
  return judgement.kind === 'VERDICT' ? judgement.verdict : judgement.otherwise;
}
