import { isJsonObject } from './json-values.ts';

/**
 * The words by which the vendor's products tell of an attack: `face_genuineness` with its masks, screens and synthetic
 * faces, `face_replaced`, `id_exceptions.id_attacked`, and the result words FAIL_LIVING_FACE_ATTACK, REPLACED_FACE_ATTACK
 * and CHANGE_FACE_ATTACK. None of them is documented for this endpoint, which shares their back ends.
 */
const SIGN_OF_WORD: ReadonlyMap<string, AttackSign> = new Map([
  ...words('MASK', 'MASKS'),
  ...words('SCREEN_REPLAY', 'REPLAY REPLAYED REPLAYS RECAPTURE RECAPTURED REMAKE'),
  ...words('SYNTHETIC_FACE', 'SYNTHETIC SYNTHESIZED SYNTHESIS DEEPFAKE DEEPFAKES MORPH MORPHED MORPHING'),
  ...words('FACE_REPLACED', 'REPLACED SWAPPED FACESWAP'),
  ...words('FAKE', 'FAKED FORGED FORGERY COUNTERFEIT IMPOSTOR FRAUD FRAUDULENT CUTOUT PRINTED'),
  ...words('INJECTION', 'INJECTED HIJACK HIJACKED TAMPERED TAMPERING HACKED VIRTUALCAMERA EMULATOR'),
  ...words('ATTACK', 'ATTACKED ATTACKS ATTACKER SPOOF SPOOFED SPOOFING SUSPICIOUS SUSPECTED HACK CHEAT CHEATING'),
]);

/** What the Chinese documents call an attack, a photographed screen, a mask, a false, a changed and a synthetic face. */
const CHINESE = /攻击|翻拍|面具|头模|假脸|假体|换脸|合成脸|劫持|注入/u;
const CHINESE_DENIAL = /未|无|非|没有/u;

/** Right before or after a word these deny it: `no_attack`, `ATTACK_NOT_DETECTED`, `anti-spoofing`. */
const DENIALS: ReadonlySet<string> = new Set(['NO', 'NOT', 'NON', 'NONE', 'WITHOUT', 'FREE', 'ANTI', 'ZERO']);
/** These may stand between: `no face attack`. */
const BETWEEN: ReadonlySet<string> = new Set(['FACE', 'LIVING', 'LIVENESS', 'SCREEN', 'ANY']);
/** Of a field whose good value is the one that affirms it. */
const AFFIRMING: ReadonlySet<string> = new Set(['ANTI', 'GENUINE', 'GENUINENESS', 'AUTHENTICITY']);
/** A face covered for other reasons: the seed counts such mis-steps. */
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

/** Longer texts are images or logs, in which every word occurs sooner or later. */
export const LONGEST_TEXT = 256;

/** The words of a key or a code: `faceReplaced`, `face-replaced` and `FACE_REPLACED` have the same two. */
export function wordsOf(text: string): readonly string[] {
  return text
    .slice(0, LONGEST_TEXT)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toUpperCase()
    .split(/[^A-Z]+/)
    .filter((word) => word !== '');
}

/** What a field of these words tells of: a sign if its value affirms it, NOT_GENUINE if its value denies it. */
export function topicOf(parts: readonly string[], key = ''): AttackSign | undefined {
  if (parts.some((word) => AFFIRMING.has(word))) return 'NOT_GENUINE';
  if (parts.some((word) => MIS_STEPS.has(word))) return undefined;
  return signOf(parts) ?? (CHINESE.test(key) ? 'ATTACK' : undefined);
}

/** The sign that a text gives, wherever it stands; undefined if it has none of the words, or denies them. */
export function signInText(text: string): AttackSign | undefined {
  const parts = wordsOf(text);
  const sign = signOf(parts.filter((_word, index) => !isDenied(parts, index)));
  return sign ?? (CHINESE.test(text) && !CHINESE_DENIAL.test(text) ? 'ATTACK' : undefined);
}

function isDenied(parts: readonly string[], index: number): boolean {
  const before = BETWEEN.has(parts[index - 1] ?? '') ? parts[index - 2] : parts[index - 1];
  return DENIALS.has(before ?? '') || DENIALS.has(parts[index + 1] ?? '');
}

/** True for a text of which one word denies something. */
export function denies(text: string): boolean {
  return wordsOf(text).some((word) => DENIALS.has(word)) || CHINESE_DENIAL.test(text);
}

function signOf(parts: readonly string[]): AttackSign | undefined {
  return parts.map((word) => SIGN_OF_WORD.get(word)).find((sign) => sign !== undefined);
}

/** What a field says when it says nothing: the attack was not looked for, or not found. */
const NOTHING: ReadonlySet<string> = new Set(
  ' 0 0.0 FALSE NO N NONE NULL NIL NA UNDEFINED PASS PASSED OK NORMAL NEGATIVE SUCCESS CLEAN REAL LIVE GENUINE SAFE LOW'.split(' '),
);

/** True for null, false, 0, an empty container, and the words for them. */
export function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return true;
  if (typeof value === 'string') return NOTHING.has(value.trim().toUpperCase().replaceAll('/', ''));
  if (Array.isArray(value)) return value.every(saysNothing);
  return isJsonObject(value) && Object.keys(value).length === 0;
}
