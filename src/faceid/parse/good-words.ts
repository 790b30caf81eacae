import { remembered } from './remembered.ts';

/** Longer texts are images or logs, in which every word occurs sooner or later. */
export const LONGEST_TEXT = 256;

/** The words of a key or a code: `faceReplaced`, `face-replaced` and `FACE_REPLACED` have the same two. */
export const wordsOf = remembered((text): readonly string[] =>
  text
    .slice(0, LONGEST_TEXT)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/\banti(?=[a-z])/gi, 'anti ')
    .toUpperCase()
    .split(/[^A-Z]+/)
    .filter((word) => word !== ''),
);

/** What a value says, or a name promises, when all is well. */
export const GOOD: ReadonlySet<string> = new Set(
  (
    'PASS PASSED PASSES SUCCESS SUCCESSFUL SUCCEEDED OK OKAY LIVE ALIVE REAL GENUINE AUTHENTIC VERIFIED MATCH MATCHED MATCHES VALID ' +
    'APPROVED ACCEPTED NORMAL SAFE CLEAN TRUSTED SAME HUMAN BONAFIDE BONA COMPLETED FINISHED'
  ).split(' '),
);
/** Ends of whatever was checked that are not good; as a name each says no unless its value denies it, as `failure_reason` does. */
export const ENDED_BADLY: ReadonlySet<string> = new Set(
  (
    'FAIL FAILS FAILED FAILURE FAILURES REJECT REJECTED REFUSED DENIED DECLINED MISMATCH UNMATCHED INVALID INVALIDATED UNVERIFIED UNSAFE ' +
    'UNSUCCESSFUL ABNORMAL EXPIRED CANCELLED CANCELED ABORTED INTERRUPTED INCOMPLETE SKIPPED BYPASS BYPASSED SUSPENDED BLACKLISTED'
  ).split(' '),
);
/** Not good by themselves, but nothing good is left of them once they are denied. */
const NEEDED: ReadonlySet<string> = new Set(['RESULT', 'RESULTS', 'LIVENESS', 'PERSON']);

/** Right before or after a word these deny it: `no_attack`, `ATTACK_NOT_DETECTED`, `anti-spoofing`. */
export const DENIALS: ReadonlySet<string> = new Set(['NO', 'NOT', 'NON', 'NONE', 'WITHOUT', 'FREE', 'ANTI', 'ZERO']);
/** Those that say there is none of what follows, whereas `not` turns round what was done. */
const ABSENCE: ReadonlySet<string> = new Set(['NO', 'WITHOUT', 'ZERO']);
/** These may stand between: `no face attack`. */
const BETWEEN: ReadonlySet<string> = new Set([
  'FACE',
  'LIVING',
  'LIVENESS',
  'SCREEN',
  'ANY',
  'A',
  'THE',
  'BEEN',
  'OF',
  'SIGN',
  'SIGNS',
  'TRACE',
  'TRACES',
]);

/** Good words denied, and words for bad ends, as the vendor's Chinese pages and their users write them. */
const CHINESE_NOT_GOOD =
  /(?:未|不|没有?|沒有?|无法|無法)(?:能|被|予|是|曾)*(?:通过|通過|成功|匹配|一致|合格|正常|活体|真人|本人)|非(?:活体|真人|本人)|失败|失敗|拒绝|驳回/u;
const CHINESE_GOOD = /^(?:检测|验证|核验|认证|活体|比对|检查)?(?:通过|通過|成功|正常|真实|真人|活体|本人|一致|合格|是)$/u;

/** True for a text in which a good word is denied: NOT_PASSED, NO_RESULT, `not a live person`, 未通过. */
export function saysNotGood(text: string): boolean {
  const words = wordsOf(text);
  return words.some((word, index) => isGoodOrNeeded(word) && isDeniedBefore(words, index)) || CHINESE_NOT_GOOD.test(text);
}

/** True for a text that tells of a bad end (`liveness check failed`, 失败), or that denies something good. */
export function saysBad(text: string): boolean {
  const words = wordsOf(text);
  return saysNotGood(text) || words.some((word, index) => ENDED_BADLY.has(word) && !isDeniedBefore(words, index));
}

/**
 * True for a text that tells of a bad end in whatever way. `not failed` is one, for what has not failed may be the attack;
 * `no failure` is none.
 */
export function tellsOfBadEnd(text: string): boolean {
  const words = wordsOf(text);
  return words.some((word, index) => ENDED_BADLY.has(word) && !ABSENCE.has(wordBefore(words, index)));
}

/** True for a text of good words alone, such as PASS, `real face` or 通过. */
export function saysGood(text: string): boolean {
  const words = wordsOf(text);
  const told = text.trim();
  if (words.length === 0) return told === '1' || CHINESE_GOOD.test(told);
  return (
    /^[\w\s.!-]*$/.test(told) && words.some((word) => AFFIRMED.has(word)) && words.every((word) => AFFIRMED.has(word) || FILLERS.has(word))
  );
}

const AFFIRMED: ReadonlySet<string> = new Set([...GOOD, 'TRUE', 'YES', 'Y', 'HIGH']);
const FILLERS: ReadonlySet<string> = new Set(['FACE', 'PERSON', 'IS', 'A', 'CHECK', 'LIVENESS']);

function isGoodOrNeeded(word: string): boolean {
  return GOOD.has(word) || NEEDED.has(word);
}

function isDeniedBefore(words: readonly string[], index: number): boolean {
  const before = wordBefore(words, index);
  return DENIALS.has(before) && before !== 'ANTI' && before !== 'FREE';
}

/** The word before, those aside that may stand between. */
export function wordBefore(words: readonly string[], index: number): string {
  return words.slice(0, index).findLast((word) => !BETWEEN.has(word)) ?? '';
}
