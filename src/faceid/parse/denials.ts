import { CUSTOMERS_OWN, REFERENCES } from './attack-signs.ts';
import { isErrorKey, isNoError, namesAnError } from './error-values.ts';
import { ENDED_BADLY, GOOD, LONGEST_TEXT, saysBad, saysNotGood, wordsOf } from './good-words.ts';
import { type AnswerBody, type Field, fieldsOf } from './json-body.ts';

/** Names of verdicts, in words of whatever kind. A number there is a code. */
const OF_VERDICTS: ReadonlySet<string> = new Set(
  (
    'RESULT STATUS STATE VERDICT CONCLUSION DECISION OUTCOME RECOMMENDATION SUGGESTION ACTION RISK LIVENESS VERIFY VERIFICATION COMPARE ' +
    'COMPARISON CHECK DETECTION ALLOW ALLOWED SIMILAR'
  ).split(' '),
);
/** What a verdict says when it says no, and a name whose value affirms it. */
const BAD: ReadonlySet<string> = new Set([...ENDED_BADLY, ...'DENY DECLINE BLOCK BLOCKED REVIEW ERROR TIMEOUT TIMED'.split(' ')]);
/** How often something failed before it did not, and when. */
const OF_COUNTS: ReadonlySet<string> = new Set(
  'COUNT COUNTS TIME TIMES NUM NUMBER TOTAL ATTEMPTS RETRIES RATE THRESHOLD THRESHOLDS ID AT DATE'.split(' '),
);
const FLAT_NO: ReadonlySet<string> = new Set(['NO', 'N', 'FALSE', '0', '否']);
const FLAT_YES: ReadonlySet<string> = new Set(['YES', 'Y', 'TRUE', '1', '是']);
const HIGH_RISK: ReadonlySet<string> = new Set(['HIGH', 'CRITICAL', 'SEVERE', 'EXTREME']);
/** These two have rules of their own; issue counts decide nothing (docs/vendor.md row 4). */
const JUDGED = /^(?:status|liveness_result\.result|liveness_result\.details(?:\..*)?|verify_result\.error_message)$/;

/**
 * What in an answer says no although its status is OK and its liveness PASS (docs/vendor.md row 68): a flag such as
 * `success: false`, another verdict such as `data.status: "FAILED"`, a reason for failing, an error inside an object.
 * Told in words of this page, never in the vendor's own.
 */
export function denialsOf(body: AnswerBody): readonly string[] {
  return [...new Set(fieldsOf(body).flatMap(denialIn))];
}

function denialIn({ path, key, value }: Field): readonly string[] {
  if (JUDGED.test(path.join('.')) || path.some((name) => CUSTOMERS_OWN.test(name)) || REFERENCES.test(key)) return [];
  // One at the top is an error, whatever it says (docs/vendor.md row 53).
  if (path.length === 1 && isErrorKey(key)) return [];
  if (path.length > 1 && namesAnError(key) && !isNoError(value)) return ['error'];
  const words = wordsOf(key);
  const leaves = leavesOf(value);
  const known = words.filter((word) => GOOD.has(word) || OF_VERDICTS.has(word) || BAD.has(word));
  if (known.length > 0 && leaves.some((leaf) => saysNo(leaf, { key, words }))) return [known.join('_').toLowerCase()];
  return leaves.some((leaf) => typeof leaf === 'string' && saysBad(leaf)) ? ['text'] : [];
}

/** The values of a field; texts of some length are images. */
function leavesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return typeof value === 'object' || (typeof value === 'string' && value.length > LONGEST_TEXT) ? [] : [value];
}

function saysNo(value: unknown, { key, words }: { readonly key: string; readonly words: readonly string[] }): boolean {
  if (isCount(value, words)) return false;
  const text = String(value);
  const flat = flatOf(text);
  if (saysNotGood(key)) return FLAT_YES.has(flat);
  if (words.some((word) => ENDED_BADLY.has(word))) {
    return FLAT_YES.has(flat) || (typeof value === 'string' && !isNoError(value) && !FLAT_NO.has(flat));
  }
  const bad = saysNotGood(text) || wordsOf(text).some((word) => BAD.has(word));
  if (!words.some((word) => GOOD.has(word) || OF_VERDICTS.has(word))) return bad || FLAT_YES.has(flat);
  if (words.includes('RISK')) return bad || isHighRisk(text) || (flat !== '1' && FLAT_YES.has(flat));
  if (flat === '0') return words.some((word) => GOOD.has(word));
  return bad || FLAT_NO.has(flat);
}

/** A name ends with what it means: `id_verified` is no id. Numbers count something wherever it stands, as in `num_failed`. */
function isCount(value: unknown, words: readonly string[]): boolean {
  if (OF_COUNTS.has(words.at(-1) ?? '')) return true;
  return /^\s*[-+]?\d/.test(String(value)) && words.some((word) => word !== 'ID' && OF_COUNTS.has(word));
}

function isHighRisk(text: string): boolean {
  return /[高严嚴]/u.test(text) || wordsOf(text).some((word) => HIGH_RISK.has(word));
}

/** The letters and digits of a text, so that neither quotes nor characters without width hide what it says; a number as it is. */
function flatOf(text: string): string {
  const number = /\d/.test(text) ? Number(text) : Number.NaN;
  return Number.isNaN(number) ? text.replaceAll(/[^\p{L}\p{N}]+/gu, '').toUpperCase() : String(number);
}
