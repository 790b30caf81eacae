import { DENIALS, saysNotGood, tellsOfBadEnd, wordBefore, wordsOf } from './good-words.ts';
import { isJsonObject } from './json-values.ts';

/**
 * The words by which the vendor's products tell of an attack: `face_genuineness` with its masks, screens and synthetic
 * faces, `face_replaced`, `id_exceptions.id_attacked`, and the result words FAIL_LIVING_FACE_ATTACK, REPLACED_FACE_ATTACK
 * and CHANGE_FACE_ATTACK. None of them is documented for this endpoint, which shares their back ends.
 */
const SIGN_OF_WORD: ReadonlyMap<string, AttackSign> = new Map([
  ...words('MASK', 'MASKS'),
  ...words('SCREEN_REPLAY', 'REPLAY REPLAYED REPLAYS RECAPTURE RECAPTURED REMAKE'),
  ...words('SYNTHETIC_FACE', 'SYNTHETIC SYNTHESIZED SYNTHESIS DEEPFAKE DEEPFAKES MORPH MORPHED MORPHING AIGC'),
  ...words('FACE_REPLACED', 'REPLACED SWAPPED SWAP FACESWAP'),
  ...words('FAKE', 'FAKED FORGED FORGERY COUNTERFEIT IMPOSTOR FRAUD FRAUDULENT CUTOUT PRINTED MANNEQUIN DUMMY SILICONE LATEX'),
  ...words('INJECTION', 'INJECTED HIJACK HIJACKED TAMPERED TAMPERING HACKED VIRTUALCAMERA EMULATOR SIMULATOR'),
  // Two words that are a sign only together.
  ['VIRTUAL CAMERA', 'INJECTION'],
  ['AI GENERATED', 'SYNTHETIC_FACE'],
  ...words('ATTACK', 'ATTACKED ATTACKS ATTACKER SPOOF SPOOFED SPOOFING SUSPICIOUS SUSPECTED HACK CHEAT CHEATING'),
]);

/** What the Chinese documents call an attack, a photographed screen, a mask, a false, a changed and a synthetic face. */
const CHINESE = '攻击|翻拍|面具|头模|假脸|假体|换脸|替换|伪造|造假|冒充|冒用|可疑|合成(?:人)?脸|合成图|劫持|注入';
const CHINESE_ATTACK = new RegExp(CHINESE, 'u');
/** A denial right before one of these, or what was looked for and not found right after it. */
const CHINESE_DENIED = new RegExp(
  `(?:未|无|無|非|没有?|沒有?|不是|不存在|不含|防|抗|反)(?:检测|检出|发现|发生|出现|存在|任何|疑似|明显|人脸|面部|屏幕|活体|照片|视频|被|受到|有|见|到|出|的|、|或|和|${CHINESE})*(?:${CHINESE})` +
    `|(?:${CHINESE})(?:行为|风险|检测|攻击|迹象|[:：=\\s])*(?:未(?:检出|检测到|发现|见)|无(?!疑|法)|無|否|没有|不存在)`,
  'gu',
);

/** Of a field whose good value is the one that affirms it. */
const AFFIRMING: ReadonlySet<string> = new Set(['ANTI', 'GENUINE', 'GENUINENESS', 'AUTHENTICITY']);
/** A face covered for other reasons: the vendor counts such mis-steps. */
const MIS_STEPS: ReadonlySet<string> = new Set(['OCCLUSION', 'OCCLUDED', 'WEARING']);

/** What an answer's sign of an attack is filed under. NESTED_ERROR: an error reported where no error belongs. */
export type AttackSign =
  | 'MASK'
  | 'SCREEN_REPLAY'
  | 'SYNTHETIC_FACE'
  | 'FACE_REPLACED'
  | 'FAKE'
  | 'INJECTION'
  | 'ATTACK'
  | 'NOT_GENUINE'
  | 'NESTED_ERROR';

function words(sign: AttackSign, more: string): [string, AttackSign][] {
  return [...sign.split('_'), ...more.split(' ')].filter((word) => word !== 'FACE' && word !== 'SCREEN').map((word) => [word, sign]);
}

/** What a field of these words tells of: a sign if its value affirms it, NOT_GENUINE if its value denies it. */
export function topicOf(parts: readonly string[], key = ''): AttackSign | undefined {
  if (parts.some((word) => AFFIRMING.has(word))) return 'NOT_GENUINE';
  if (parts.some((word) => MIS_STEPS.has(word))) return undefined;
  return signOf(parts) ?? (CHINESE_ATTACK.test(key) ? 'ATTACK' : undefined);
}

/**
 * The sign that a text gives, wherever it stands; undefined if it has none of the words, or denies them. Where something good
 * is denied beside them (`anti-spoofing not passed`), or a bad end is told of in whatever way (`attack not failed`), they are not.
 */
export function signInText(text: string): AttackSign | undefined {
  const all = saysNotGood(text) || tellsOfBadEnd(text);
  // A denial reaches no further than its clause: `mask: none; spoof: yes`.
  const clauses = all ? [wordsOf(text)] : text.split(/[;,.，。；|\n]/, MAX_CLAUSES).map(wordsOf);
  const sign = clauses.map((parts) => signOf(all ? parts : parts.filter((_word, index) => !isDenied(parts, index)))).find(Boolean);
  return sign ?? (CHINESE_ATTACK.test(all ? text : text.replaceAll(CHINESE_DENIED, '')) ? 'ATTACK' : undefined);
}

/** A text of up to 256 characters has no more. */
const MAX_CLAUSES = 128;

function isDenied(parts: readonly string[], index: number): boolean {
  return DENIALS.has(wordBefore(parts, index)) || DENIALS.has(parts[index + 1] ?? '');
}

/** True for a text that denies what it is asked about: NOT_DETECTED, `no mask`, 无. Not for NOT_PASSED, which denies a good word. */
export function denies(text: string): boolean {
  if (saysNotGood(text)) return false;
  return wordsOf(text).some((word) => DENIALS.has(word)) || /未|无|無|非|没|沒|否/u.test(text);
}

/** True for a text that speaks of an attack and says that there was none: NO_ATTACK, `not a mask`, 未检测到攻击. */
export function deniesAttack(text: string): boolean {
  return (signOf(wordsOf(text)) !== undefined || CHINESE_ATTACK.test(text)) && signInText(text) === undefined;
}

function signOf(parts: readonly string[]): AttackSign | undefined {
  const pairs = parts.map((word, index) => SIGN_OF_WORD.get(`${word} ${parts[index + 1]}`)).find((sign) => sign !== undefined);
  if (pairs !== undefined) return pairs;
  return parts.map((word) => SIGN_OF_WORD.get(word)).find((sign) => sign !== undefined);
}

const BLANK: ReadonlySet<string> = new Set(['', 'NONE', 'NULL', 'NIL', 'NA', 'UNDEFINED']);
/** What a field says when it says nothing: the attack was not looked for, or not found. */
const NOTHING: ReadonlySet<string> = new Set([
  ...BLANK,
  ...'0 0.0 FALSE NO N PASS PASSED OK NORMAL NEGATIVE SUCCESS CLEAN REAL LIVE GENUINE SAFE LOW 无 否 正常 通过 检测通过'.split(' '),
]);

/** True for a text without content, and the words that servers write in its place. */
export function isBlank(text: string): boolean {
  return BLANK.has(wordOf(text));
}

function wordOf(text: string): string {
  return text.trim().toUpperCase().replaceAll('/', '');
}

/** True for null, false, 0, an empty container, and the words for them. */
export function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return true;
  if (typeof value === 'string') return NOTHING.has(wordOf(value));
  if (Array.isArray(value)) return value.every(saysNothing);
  return isJsonObject(value) && Object.keys(value).length === 0;
}
