import { defined } from '../../domain/defined.ts';
import type { ComparisonAnswer } from '../../domain/judging/answer.ts';
import { FAR_LEVELS, type FarLevel } from '../../domain/policy.ts';
import { isJsonObject, isNoData, type JsonObject, misspeltIn, own, readNumber, squeezedKey } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** docs/vendor.md row 14: the upper bound of `result_ref[x]` is not stated; the SDK takes three images. */
export const MAX_COMPARISONS = 16;

/** What is noticed on the way. `implausible`: names of comparisons with a threshold that is no number from 0 to 100. */
export type Notes = { readonly quirks: QuirkLog; readonly notUnderstood: Set<string>; readonly implausible: Set<string> };

/** docs/vendor.md row 13. */
export function isComparisonName(name: string): boolean {
  return /^result_(?:ref\d{1,3}|faceid|idcard_photo|idcard_datasource)$/.test(name);
}

/**
 * True for what looks like such a name and is none: `result_ref_2`, `RESULT_REF2`, `result_ref1000`. Whether it decides, nobody
 * can say (docs/vendor.md row 69).
 */
export function isComparisonLike(name: string): boolean {
  return !isComparisonName(name) && /^result(?:ref|faceid|idcardphoto|idcarddatasource)/.test(squeezedKey(name));
}

/** True for the name of a false-accept level, known to us or not, in whatever spelling. */
export function isLevel(key: string): boolean {
  return Number(key) > 0 && Number(key) < 1;
}

/** The comparisons of `verify_result`. Those beyond the cap are not dropped silently: the answer may not pass. */
export function readComparisons(verify: JsonObject, notes: Notes): ComparisonAnswer[] {
  const names = Object.keys(verify).filter((name) => name.startsWith('result_'));
  const known = names.filter(isComparisonName);
  if (known.length < names.length) notes.quirks.add('COMPARISON_NAME_UNKNOWN');
  if (Object.entries(verify).some(([name, value]) => isStrange(name, value))) notes.notUnderstood.add('verify_result');
  if (known.length > MAX_COMPARISONS) {
    notes.quirks.add('COMPARISONS_CAPPED');
    notes.notUnderstood.add('verify_result');
  }
  return known.slice(0, MAX_COMPARISONS).map((name) => readComparison(own(verify, name), { name, ...notes }));
}

/** Something is compared there, under a name that says nothing to us. */
function isStrange(name: string, value: unknown): boolean {
  if (isComparisonName(name) || isNoData(value)) return false;
  return isComparisonLike(name) || (isJsonObject(value) && Object.hasOwn(value, 'thresholds'));
}

function readComparison(value: unknown, context: Notes & { readonly name: string }): ComparisonAnswer {
  const { name, quirks } = context;
  if (!isJsonObject(value)) {
    if (!isNoData(value)) quirks.add('COMPARISON_NOT_OBJECT');
    return { name, thresholds: {} };
  }
  for (const field of misspeltIn(value, ['confidence', 'thresholds'])) context.notUnderstood.add(`verify_result.${name}.${field}`);
  const confidence = readPercentage(own(value, 'confidence'), { quirks, otherwise: 'CONFIDENCE_UNREADABLE' });
  const thresholds = readThresholds(own(value, 'thresholds'), context);
  if (!isRising(thresholds)) quirks.add('THRESHOLDS_NOT_RISING');
  return { name, thresholds, ...defined({ confidence }) };
}

function readThresholds(value: unknown, context: Notes & { readonly name: string }): Partial<Record<FarLevel, number>> {
  const thresholds: Partial<Record<FarLevel, number>> = {};
  const { quirks, implausible, name } = context;
  if (isNoData(value)) return thresholds;
  if (!isJsonObject(value)) {
    quirks.add('THRESHOLDS_UNREADABLE');
    implausible.add(name);
    return thresholds;
  }
  for (const level of FAR_LEVELS) {
    const given = own(value, level);
    if (given !== undefined && isTwice(value, level)) context.notUnderstood.add(`verify_result.${name}.thresholds.${level}`);
    const threshold = readPercentage(given, { quirks, otherwise: 'THRESHOLDS_UNREADABLE' });
    if (threshold !== undefined) thresholds[level] = threshold;
    else if (given !== undefined && given !== null) implausible.add(name);
  }
  if (!isRisingThroughAll(value)) implausible.add(name);
  return thresholds;
}

/** True unless a level that we do not know lies on the wrong side of another: then nobody can say what any of them means. */
function isRisingThroughAll(thresholds: JsonObject): boolean {
  const levels = Object.entries(thresholds).filter(([key, value]) => isLevel(key) && typeof value === 'number');
  if (levels.every(([key]) => FAR_LEVELS.some((known) => known === key))) return true;
  const values = levels.toSorted(([one], [other]) => Number(other) - Number(one)).map(([, value]) => Number(value));
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));
}

/** True if another spelling of a level, such as `1E-4` or `0.0001`, stands beside it. */
function isTwice(thresholds: JsonObject, level: FarLevel): boolean {
  return Object.keys(thresholds).some((key) => key !== level && Number(key) === Number(level));
}

/** docs/vendor.md row 15: 1e-3 < 1e-4 < 1e-5 < 1e-6, of those present. What follows from it is for the judge to say. */
function isRising(thresholds: Partial<Record<FarLevel, number>>): boolean {
  const present = FAR_LEVELS.map((level) => thresholds[level]).filter((threshold) => threshold !== undefined);
  return present.every((threshold, index) => index === 0 || threshold > (present[index - 1] ?? 0));
}

function readPercentage(
  value: unknown,
  options: { readonly quirks: QuirkLog; readonly otherwise: 'CONFIDENCE_UNREADABLE' | 'THRESHOLDS_UNREADABLE' },
): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = readNumber(value, options.quirks);
  if (number !== undefined && number >= 0 && number <= 100) return number;
  options.quirks.add(options.otherwise);
  return undefined;
}
