import { defined } from '../defined.ts';
import { FAR_LEVELS, type FarLevel } from '../policy.ts';
import type { ReasonCode } from '../reasons.ts';
import type { ComparisonVerdict } from '../verdict.ts';
import type { ComparisonAnswer, Answer } from './answer.ts';

/** What decides: the vendor's names (empty: every `result_ref<n>` returned, at least one) and the level to reach. */
export type Criteria = { readonly comparisons: readonly string[]; readonly requiredFar: FarLevel };

/** The names that decide, after resolving the default. */
export function requiredNames(answer: Answer, criteria: Criteria): readonly string[] {
  if (criteria.comparisons.length > 0) return [...new Set(criteria.comparisons)];
  return answer.comparisons.map(({ name }) => name).filter((name) => /^result_ref\d+$/.test(name));
}

/** Every required comparison in the order asked for, also the absent ones, then the informational ones. */
export function compareAll(answer: Answer, criteria: Criteria): readonly ComparisonVerdict[] {
  const required = requiredNames(answer, criteria);
  const informational = answer.comparisons.filter(({ name }) => !required.includes(name));
  return [
    ...required.map((name) => {
      const found = answer.comparisons.find((comparison) => comparison.name === name);
      return compareOne(found ?? { name, thresholds: {} }, { required: true, far: criteria.requiredFar });
    }),
    ...informational.map((comparison) => compareOne(comparison, { required: false, far: criteria.requiredFar })),
  ];
}

/** Why a comparison does not pass; undefined if it does (docs/vendor.md rows 15–18; a tie passes). */
export function comparisonProblem(comparison: ComparisonAnswer, far: FarLevel): ReasonCode | undefined {
  const { confidence, thresholds } = comparison;
  if (!isScore(confidence)) return 'COMPARE_MISSING';
  const threshold = thresholds[far];
  if (!isScore(threshold) || !areThresholds(thresholds)) return 'THRESHOLD_MISSING';
  return confidence >= threshold ? undefined : 'MATCH_BELOW_THRESHOLD';
}

function compareOne(comparison: ComparisonAnswer, { required, far }: { required: boolean; far: FarLevel }): ComparisonVerdict {
  const { name, confidence, thresholds } = comparison;
  return {
    name,
    ...defined({ confidence }),
    thresholds: defined(Object.fromEntries(FAR_LEVELS.map((level) => [level, thresholds[level]]))),
    ...defined({ farLevelMet: strictestMet(comparison) }),
    required,
    passed: comparisonProblem(comparison, far) === undefined,
  };
}

function strictestMet({ confidence, thresholds }: ComparisonAnswer): FarLevel | undefined {
  if (!isScore(confidence) || !areThresholds(thresholds)) return undefined;
  return FAR_LEVELS.findLast((level) => {
    const threshold = thresholds[level];
    return threshold !== undefined && confidence >= threshold;
  });
}

/** True if all are scores and none is lower for a stricter level. Otherwise nobody can say what they mean. */
function areThresholds(thresholds: ComparisonAnswer['thresholds']): boolean {
  const given: readonly unknown[] = FAR_LEVELS.map((level) => thresholds[level]).filter((threshold) => threshold !== undefined);
  const scores = given.filter(isScore);
  return scores.length === given.length && scores.every((score, index) => score >= (scores[index - 1] ?? 0));
}

/** A NaN that went through a history comes back as null, and null compares like 0: hence the check of the type. */
function isScore(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100;
}
