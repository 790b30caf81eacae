import type { Answer, ComparisonAnswer } from '../../domain/judging/answer.ts';
import type { FarLevel } from '../../domain/policy.ts';
import { primaryOf, type ReasonCode, REASONS } from '../../domain/reasons.ts';
import type { ComparisonVerdict, Verdict } from '../../domain/verdict.ts';

/** What a sentence about a verdict is made of. `answer`: the one that was judged, if the verdict rests on one. */
export type Grounds = {
  readonly verdict: Pick<Verdict, 'outcome' | 'reasons' | 'comparisons'>;
  readonly requiredFar: FarLevel;
  readonly answer?: Answer | undefined;
};

type Say = (grounds: Grounds) => string;

/** Reasons that have more to tell than what their code means: numbers, and names from closed sets. */
const WITH_NUMBERS: Readonly<Partial<Record<ReasonCode, Say>>> = {
  MATCH_BELOW_THRESHOLD: (grounds) =>
    missed(grounds)
      .map((one) => scoreText(one, grounds))
      .join(', '),
  THRESHOLD_MISSING: (grounds) =>
    missed(grounds)
      .map((one) => scoreText(one, grounds))
      .join(', '),
  THRESHOLD_IMPLAUSIBLE: ({ verdict, answer }) =>
    verdict.comparisons
      .filter((one) => reachedBy(one, answer) === undefined)
      .map(thresholdsText)
      .join(', '),
  COMPARE_MISSING: (grounds) =>
    missed(grounds)
      .map((one) => scoreText(one, grounds))
      .join(', '),
  LIVENESS_FAIL: ({ answer }) => livenessText(answer),
  LIVENESS_INDETERMINATE: ({ answer }) => livenessText(answer),
  ATTACK_SUSPECTED: ({ answer }) => listed('signs of an attack', answer?.attackSigns),
  CONTRADICTORY_RESPONSE: ({ answer }) => listed('unclear in the answer', answer?.unclear),
  MANUAL_APPROVED: (grounds) => ruledText('MANUAL_APPROVED', grounds),
  MANUAL_REJECTED: (grounds) => ruledText('MANUAL_REJECTED', grounds),
  // Beside a verdict without a reason it is not all that there is to say.
  EVIDENCE_STORE_FAILED: (grounds) => (primaryOf(grounds.verdict.reasons) === undefined ? ruledText('EVIDENCE_STORE_FAILED', grounds) : ''),
  UNKNOWN_STATUS: ({ answer }) => listed('the last status', answer?.rawStatus === undefined ? [] : [answer.rawStatus]),
};

/**
 * Why a verdict is what it is, in one line, with the numbers that decided: `result_ref1 68.918, needs 69 for 1e-4`. Every
 * reason is told, the deciding one first. It holds no text of the vendor's but names from closed sets.
 */
export function explain(grounds: Grounds): string {
  const { reasons } = grounds.verdict;
  if (reasons.length === 0) return passedText(grounds);
  return [...new Set(reasons.map(({ code }) => reasonText(code, grounds)))].join('; ');
}

function reasonText(code: ReasonCode, grounds: Grounds): string {
  const told = WITH_NUMBERS[code]?.(grounds) ?? '';
  if (told !== '') return told;
  // A code of a newer release stands for itself.
  return Object.hasOwn(REASONS, code) ? REASONS[code][3].replaceAll('`', '') : code;
}

/** What the person saw stays beside what the person made of it. */
function ruledText(code: ReasonCode, grounds: Grounds): string {
  return [REASONS[code][3], passedText(grounds)].filter((text) => text !== '').join('; ');
}

function passedText(grounds: Grounds): string {
  const required = grounds.verdict.comparisons.filter(({ required: asked }) => asked).map((one) => scoreText(one, grounds));
  return [livenessText(grounds.answer), ...required].filter((text) => text !== '').join('; ');
}

function missed({ verdict }: Grounds): readonly ComparisonVerdict[] {
  return verdict.comparisons.filter(({ required, passed }) => required && !passed);
}

function scoreText(comparison: ComparisonVerdict, { requiredFar, answer }: Grounds): string {
  const { name, confidence, thresholds, farLevelMet } = comparison;
  const reached = reachedBy(comparison, answer);
  const score = reached === undefined ? (confidence ?? 'without a confidence') : `reaches ${farLevelMet ?? 'no level'}`;
  if ((reached ?? thresholds)[requiredFar] === undefined) return `${name} ${score}, no threshold for ${requiredFar}`;
  return `${name} ${score}, needs ${reached === undefined ? `${thresholds[requiredFar]} for ` : ''}${requiredFar}`;
}

/** The levels alone, where `VF_SCORES` left out what the vendor said. */
function reachedBy({ name }: ComparisonVerdict, answer: Answer | undefined): ComparisonAnswer['reached'] {
  return answer?.comparisons.find((one) => one.name === name)?.reached;
}

function thresholdsText({ name, confidence, thresholds }: ComparisonVerdict): string {
  const given = Object.entries(thresholds).map(([level, threshold]) => `${threshold} for ${level}`);
  return `${name} ${confidence ?? 'without a confidence'} beside thresholds ${given.length === 0 ? 'that are no numbers' : given.join(', ')}`;
}

function livenessText(answer: Answer | undefined): string {
  if (answer === undefined) return '';
  const { result, scores } = answer.liveness;
  const told = [scoreOf('flash attack', scores?.flashAttack), scoreOf('living attack', scores?.livingAttack)].filter((text) => text !== '');
  return `liveness ${result}${told.length === 0 ? '' : ` (${told.join(', ')})`}`;
}

/** A number that was none comes back from a history as null. */
function scoreOf(name: string, score: unknown): string {
  return typeof score === 'number' ? `${name} ${score}` : '';
}

function listed(what: string, names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? '' : `${what}: ${names.join(', ')}`;
}
