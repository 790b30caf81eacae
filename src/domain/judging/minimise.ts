import { defined } from '../defined.ts';
import { exhausted } from '../exhaustive.ts';
import { FAR_LEVELS } from '../policy.ts';
import type { ReadReport } from '../reading/report.ts';
import type { Answer, ComparisonAnswer, LivenessAnswer } from './answer.ts';
import { isPlausible, isScore } from './compare.ts';

/**
 * What is kept of the vendor's figures. `banded`: which of the answer's own thresholds a confidence reaches, the thresholds, and
 * liveness scores to tenths. `none`: only which thresholds are reached.
 */
export const SCORES = ['full', 'banded', 'none'] as const;
export type Scores = (typeof SCORES)[number];

/**
 * The report without the figures that are not to be kept, made before it enters the history. Whatever is judged by them afterwards,
 * by any policy, is judged alike: all that the rules ask of a confidence is which thresholds it reaches.
 */
export function minimisedReport(report: ReadReport, scores: Scores): ReadReport {
  return report.kind === 'ANSWER' && scores !== 'full' ? { ...report, answer: minimised(report.answer, scores) } : report;
}

export function minimised(answer: Answer, scores: Scores): Answer {
  if (scores === 'full') return answer;
  // Without figures nobody can find it out later.
  const implausible = answer.comparisons.filter((one) => !isPlausible(one, answer)).map(({ name }) => name);
  const named = [...new Set([...(answer.implausible ?? []), ...implausible])];
  return {
    ...answer,
    liveness: livenessOf(answer.liveness, scores),
    comparisons: answer.comparisons.map((one) => comparisonOf(one, scores)),
    ...(named.length === 0 ? {} : { implausible: named }),
  };
}

function comparisonOf(comparison: ComparisonAnswer, scores: Exclude<Scores, 'full'>): ComparisonAnswer {
  const { name, confidence, thresholds } = comparison;
  const kept = { name, thresholds: scores === 'banded' ? thresholds : {} };
  // Done before, by whatever setting.
  if (comparison.reached !== undefined) return { ...kept, reached: comparison.reached };
  if (!isScore(confidence)) return kept;
  const reached = FAR_LEVELS.flatMap((level) => {
    const threshold = thresholds[level];
    return threshold !== undefined && Number.isFinite(threshold) ? [[level, confidence >= threshold] as const] : [];
  });
  return { ...kept, reached: Object.fromEntries(reached) };
}

function livenessOf(liveness: LivenessAnswer, scores: Exclude<Scores, 'full'>): LivenessAnswer {
  const { scores: figures, ...rest } = liveness;
  switch (scores) {
    case 'none':
      return rest;
    case 'banded':
      return { ...rest, ...defined({ scores: figures && tenths(figures) }) };
    default:
      return exhausted(scores);
  }
}

function tenths(figures: NonNullable<LivenessAnswer['scores']>): NonNullable<LivenessAnswer['scores']> {
  return defined(Object.fromEntries(Object.entries(figures).map(([name, score]) => [name, Math.round(score * 10) / 10])));
}
