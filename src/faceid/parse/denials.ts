import { REFERENCES } from './attack-signs.ts';
import { isErrorKey, isNoError, namesAnError } from './error-values.ts';
import { GOOD, LONGEST_TEXT, saysNotGood, wordsOf } from './good-words.ts';
import { type AnswerBody, type Field, fieldsOf } from './json-body.ts';

/** Names of verdicts, in words of whatever kind. A number there is a code. */
const OF_VERDICTS: ReadonlySet<string> = new Set(
  'RESULT STATUS STATE VERDICT CONCLUSION DECISION OUTCOME RECOMMENDATION SUGGESTION ACTION RISK LIVENESS VERIFY VERIFICATION COMPARE COMPARISON CHECK DETECTION'.split(
    ' ',
  ),
);
/** Names that say no if their value affirms them, such as `rejected` or `failure_reason`. */
const REJECTING: ReadonlySet<string> = new Set(
  'FAIL FAILED FAILURE FAILURES REJECT REJECTED DENIED DECLINED MISMATCH INVALID EXPIRED SKIPPED BYPASS BYPASSED'.split(' '),
);
/** How often something failed before it did not. */
const OF_COUNTS: ReadonlySet<string> = new Set(
  'COUNT COUNTS TIME TIMES NUM NUMBER TOTAL ATTEMPTS RETRIES RATE THRESHOLD THRESHOLDS ID AT DATE'.split(' '),
);
const NEGATIVE: ReadonlySet<string> = new Set(
  (
    'FAIL FAILED FAILURE REJECT REJECTED DENIED DENY DECLINED DECLINE BLOCK BLOCKED REVIEW INVALID MISMATCH UNMATCHED UNVERIFIED ' +
    'UNSUCCESSFUL ERROR CANCELLED CANCELED TIMEOUT EXPIRED ABORTED INTERRUPTED INCOMPLETE SKIPPED BYPASSED'
  ).split(' '),
);
const FLAT_NO: ReadonlySet<string> = new Set(['NO', 'N', 'FALSE', '0']);
const FLAT_YES: ReadonlySet<string> = new Set(['YES', 'Y', 'TRUE', '1']);
const HIGH_RISK = /\b(?:HIGH|CRITICAL|SEVERE|EXTREME)\b/;
/** These two have rules of their own; issue counts decide nothing (docs/vendor.md row 4). */
const JUDGED = /^(?:status|liveness_result\.result|liveness_result\.details(?:\..*)?|verify_result\.error_message)$/;
const CUSTOMERS_OWN = /(?:^|\.)biz_extra_data(?:\.|$)/i;

/**
 * What in an answer says no although its status is OK and its liveness PASS (docs/vendor.md row 68): a flag such as
 * `success: false`, another verdict such as `data.status: "FAILED"`, a reason for failing, an error inside an object.
 * Told in words of this page, never in the vendor's own.
 */
export function denialsOf(body: AnswerBody): readonly string[] {
  return [...new Set(fieldsOf(body).flatMap(denialIn))];
}

function denialIn({ path, key, value }: Field): readonly string[] {
  const place = path.join('.');
  if (JUDGED.test(place) || CUSTOMERS_OWN.test(place) || REFERENCES.test(key)) return [];
  // One at the top is an error, whatever it says (docs/vendor.md row 53).
  if (path.length === 1 && isErrorKey(key)) return [];
  if (path.length > 1 && namesAnError(key) && !isNoError(value)) return ['error'];
  const words = wordsOf(key);
  const leaves = leavesOf(value);
  const known = words.filter((word) => GOOD.has(word) || OF_VERDICTS.has(word) || REJECTING.has(word));
  if (known.length > 0 && leaves.some((leaf) => saysNo(leaf, { key, words }))) return [known.join('_').toLowerCase()];
  return leaves.some((leaf) => typeof leaf === 'string' && saysNotGood(leaf)) ? ['text'] : [];
}

/** The values of a field; texts of some length are images. */
function leavesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return typeof value === 'object' || (typeof value === 'string' && value.length > LONGEST_TEXT) ? [] : [value];
}

function saysNo(value: unknown, { key, words }: { readonly key: string; readonly words: readonly string[] }): boolean {
  if (words.some((word) => OF_COUNTS.has(word))) return false;
  const text = String(value).trim().toUpperCase();
  if (saysNotGood(key)) return FLAT_YES.has(text);
  if (words.some((word) => REJECTING.has(word))) {
    return FLAT_YES.has(text) || (typeof value === 'string' && !isNoError(value) && !FLAT_NO.has(text));
  }
  if (words.includes('RISK')) return HIGH_RISK.test(text);
  if (text === '0') return words.some((word) => GOOD.has(word));
  return FLAT_NO.has(text) || saysNotGood(text) || wordsOf(text).some((word) => NEGATIVE.has(word));
}
