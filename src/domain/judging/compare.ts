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
export function comparisonsOf(answer: Answer, criteria: Criteria): Record<'required' | 'informational', readonly ComparisonAnswer[]> {
  const names = requiredNames(answer, criteria);
  return {
    required: names.map((name) => answer.comparisons.find((comparison) => comparison.name === name) ?? { name, thresholds: {} }),
    informational: answer.comparisons.filter(({ name }) => !names.includes(name)),
  };
}

/** What the outcome tells of each of them, in the same order. */
export function compareAll(answer: Answer, criteria: Criteria): readonly ComparisonVerdict[] {
  const { required, informational } = comparisonsOf(answer, criteria);
  const far = criteria.requiredFar;
  return [
    ...required.map((comparison) => compareOne(comparison, { required: true, far, answer })),
    ...informational.map((comparison) => compareOne(comparison, { required: false, far, answer })),
  ];
}

/** Why a comparison does not pass; undefined if it does (docs/vendor.md rows 15–18; a tie passes). */
export function comparisonProblem(
  comparison: ComparisonAnswer,
  { far, answer }: { readonly far: FarLevel; readonly answer: Pick<Answer, 'implausible'> },
): ReasonCode | undefined {
  if (!hasConfidence(comparison)) return 'COMPARE_MISSING';
  const isReached = reaches(comparison, far);
  if (isReached === undefined) return 'THRESHOLD_MISSING';
  if (!isPlausible(comparison, answer)) return 'THRESHOLD_IMPLAUSIBLE';
  return isReached ? undefined : 'MATCH_BELOW_THRESHOLD';
}

/** A confidence, or what is kept in its place. */
function hasConfidence({ confidence, reached }: ComparisonAnswer): boolean {
  return reached !== undefined || isScore(confidence);
}

/** Whether it reaches the threshold of that level; undefined: the answer gave none. */
function reaches({ confidence, thresholds, reached }: ComparisonAnswer, level: FarLevel): boolean | undefined {
  if (reached !== undefined) return reached[level];
  const threshold = thresholds[level];
  return threshold === undefined || !Number.isFinite(threshold) ? undefined : confidence !== undefined && confidence >= threshold;
}

/** The least threshold on the confidence's scale of 0 to 100. The vendor's lie between 62 and 80. */
const LEAST_THRESHOLD = 10;

/**
 * True if the thresholds can mean something beside this confidence: at most 100, higher for each stricter level, and on
 * the confidence's scale. Thresholds of another scale (0 to 1, 0 to 10) would pass anyone, and a confidence of up
 * to 1 is of another scale itself. Missing ones are no matter here. Of figures that are not kept, only the name tells.
 */
export function isPlausible({ name, confidence, thresholds }: ComparisonAnswer, { implausible }: Pick<Answer, 'implausible'>): boolean {
  if (implausible?.includes(name) === true) return false;
  if (confidence !== undefined && confidence > 0 && confidence <= 1) return false;
  const given = FAR_LEVELS.map((level): unknown => thresholds[level]).filter(Number.isFinite);
  const scores = given.filter(isScore);
  return scores.length === given.length && scores.every((score, index) => score >= LEAST_THRESHOLD && score > (scores[index - 1] ?? 0));
}

function compareOne(
  comparison: ComparisonAnswer,
  { required, far, answer }: { required: boolean; far: FarLevel; answer: Answer },
): ComparisonVerdict {
  const { name, confidence, thresholds } = comparison;
  return {
    name,
    ...defined({ confidence }),
    thresholds: defined(Object.fromEntries(FAR_LEVELS.map((level) => [level, thresholds[level]]))),
    ...defined({ farLevelMet: strictestMet(comparison, answer) }),
    required,
    passed: comparisonProblem(comparison, { far, answer }) === undefined,
  };
}

function strictestMet(comparison: ComparisonAnswer, answer: Answer): FarLevel | undefined {
  if (!hasConfidence(comparison) || !isPlausible(comparison, answer)) return undefined;
  return FAR_LEVELS.findLast((level) => reaches(comparison, level) === true);
}

/** A NaN that went through a history comes back as null, and null compares like 0: hence the check of the type. */
export function isScore(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100;
}
