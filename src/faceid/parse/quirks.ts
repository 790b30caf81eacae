/** Every tolerance the parser can use, with its meaning. The codes go to metrics, the history and the outcome. */
export const QUIRKS = [
  ['BOM_STRIPPED', 'the body began with a byte order mark'],
  ['DUPLICATE_KEYS', 'an object held the same key more than once'],
  ['STATUS_CASE_FOLDED', 'status was not upper case, or had white space around it'],
  ['STATUS_MISSING', 'status was absent or no text'],
  ['STATUS_UNKNOWN', 'status was a word outside the closed map'],
  ['FAIL_REASON_UNKNOWN', 'fail_reason was a word outside the closed map'],
  ['MESSAGE_IGNORED', 'a successful answer held a message that is no error code'],
  ['LIVENESS_NOT_OBJECT', 'liveness_result was neither an object nor null'],
  ['LIVENESS_RESULT_CASE_FOLDED', 'liveness result was not upper case, or had white space around it'],
  ['LIVENESS_RESULT_NUMERIC', 'liveness result was a number; no threshold is applied to it'],
  ['LIVENESS_RESULT_UNKNOWN', 'liveness result was neither PASS nor FAIL'],
  ['DETAILS_DROPPED', 'liveness details were not an object of counts'],
  ['DETAIL_COUNT_DROPPED', 'one entry of the liveness details was not a count'],
  ['SCORES_FLAT', 'attack scores stood beside score instead of inside it'],
  ['SCORES_DISAGREE', 'nested and flat attack scores differed; the nested one is kept'],
  ['SCORE_UNREADABLE', 'an attack score was not a finite number'],
  ['NUMERIC_TEXT', 'a number was written as text'],
  ['VERIFY_NOT_OBJECT', 'verify_result was neither an object nor null'],
  ['VERIFY_ERROR_NULL_TEXT', 'error_message was the text null, or empty'],
  ['VERIFY_ERROR_UNKNOWN', 'error_message was no known code'],
  ['COMPARISON_NAME_UNKNOWN', 'verify_result held a result_ field of an unknown name; it is not used'],
  ['COMPARISON_NOT_OBJECT', 'a comparison was not an object'],
  ['COMPARISONS_CAPPED', 'more comparisons than the cap; the answer is marked contradictory so that it cannot pass'],
  ['CONFIDENCE_UNREADABLE', 'a confidence was not a number between 0 and 100'],
  ['THRESHOLDS_UNREADABLE', 'thresholds were not an object of numbers between 0 and 100'],
  ['THRESHOLDS_NOT_MONOTONE', 'a stricter level had a lower threshold; the answer is marked contradictory'],
  ['MULTIFACES_TAG_UNKNOWN', 'multifaces_tag was neither 0 nor 1; the answer is marked contradictory'],
  ['REQUEST_ID_REPEATED', 'request_id occurred with different values'],
  ['REQUEST_ID_DROPPED', 'a request_id was no text of the accepted pattern'],
  ['BIZ_NO_REPEATED', 'biz_no occurred with different values'],
  ['BIZ_NO_NESTED', 'biz_no stood inside another object'],
  ['BIZ_NO_NOT_TEXT', 'biz_no was not text'],
  ['TIME_USED_DROPPED', 'time_used was not a count of milliseconds'],
] as const;

export type Quirk = (typeof QUIRKS)[number][0];

/** Collects the tolerances used while one answer is read. */
export type QuirkLog = { add(quirk: Quirk): unknown };
