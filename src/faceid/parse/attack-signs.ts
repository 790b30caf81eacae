import { type AttackSign, denies, deniesAttack, isBlank, saysNothing, signInText, topicOf } from './attack-words.ts';
import { isErrorKey, isNoError } from './error-values.ts';
import { LONGEST_TEXT, saysGood, wordsOf } from './good-words.ts';
import { type AnswerBody, MAX_DEPTH } from './json-body.ts';
import { isJsonObject, type JsonObject } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** What a confidence is measured by where no threshold of its own scale stands beside it. */
const DEFAULT_THRESHOLD = 0.5;

/** Scores documented for this endpoint without range or threshold (docs/vendor.md row 6): recorded, and nothing follows from them. */
const DOCUMENTED_SCORES: ReadonlySet<string> = new Set(['flash_attack', 'living_attack']);
/** References of the customer's and the vendor's: any word may be part of such a text. */
export const REFERENCES = /^(?:biz_no|token|biz_token|uuid|(?:\w{1,32}_)?(?:id|url))$/i;
/** What the customer sent along and gets back. */
export const CUSTOMERS_OWN = /^biz_extra_data$/i;
/** Where no error belongs; `verify_result.error_message` has a rule of its own. */
const RESULTS: ReadonlySet<string> = new Set(['liveness_result', 'verify_result']);
/** The result codes of the sibling product that stand for an attack, see docs/vendor.md. */
const ATTACK_CODES = { from: 4000, to: 4199 };

type Scan = { readonly quirks: QuirkLog; readonly signs: Set<AttackSign> };
/** Where an object stands: the field at the top that it is part of, how deep, and what the objects around it tell of. */
type Place = {
  readonly top: string | undefined;
  readonly depth: number;
  readonly topic: AttackSign | undefined;
  readonly around: readonly number[];
  /** It is part of what tells of liveness. */
  readonly live: boolean;
};

/**
 * Everything in an answer that tells of an attack, at any depth and under any name that a sibling product documents:
 * confidences at or above the threshold beside them, flags, words, and errors reported inside a result. What is there and
 * below its threshold is a quirk. Values that a repeated key would hide are looked at as well.
 */
export function attackSignsOf(body: AnswerBody, quirks: QuirkLog): readonly AttackSign[] {
  const scan: Scan = { quirks, signs: new Set() };
  lookInto(Object.entries(body.root), { top: undefined, depth: 0, topic: undefined, around: [], live: false }, scan);
  const containers = new Map<string, Repeating>();
  for (const { path, sources, differs } of body.duplicates) {
    if (!differs) continue;
    const around = path.slice(0, -1);
    const id = JSON.stringify(around);
    const container: Repeating = containers.get(id) ?? { place: placeAt(around), entries: Object.entries(objectAt(body.root, around)) };
    containers.set(id, container);
    for (const source of sources) {
      const entry: Entry = [path.at(-1) ?? '', JSON.parse(source)];
      container.entries.push(entry);
      // Alone in an object of its own, each value is seen as if it were the only one.
      lookInto([entry], container.place, scan);
    }
  }
  // And beside all that stands there, because a threshold, repeated or not, may say more of it.
  for (const { place, entries } of containers.values()) lookInto(entries, place, scan);
  return [...scan.signs].toSorted();
}

type Entry = readonly [key: string, value: unknown];
/** An object that holds a key more than once, with all its values. */
type Repeating = { readonly place: Place; readonly entries: Entry[] };

function placeAt(around: readonly string[]): Place {
  const topic = around.map((key) => topicOf(wordsOf(key))).findLast(Boolean);
  const live = around.some((key) => isOfLiveness(wordsOf(key)));
  return { top: around[0], depth: around.length, topic, around: [], live };
}

/** Empty if a repeated key hides it. */
function objectAt(root: JsonObject, path: readonly string[]): object {
  let at: object = root;
  for (const key of path) {
    const next: unknown = Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined;
    if (typeof next !== 'object' || next === null) return {};
    at = next;
  }
  return at;
}

type Field = {
  readonly key: string;
  readonly words: readonly string[];
  readonly topic: AttackSign | undefined;
  /** The thresholds beside it, by what they are about. */
  readonly thresholds: ReadonlyMap<string, readonly number[]>;
  /** The thresholds beside the object that it is in. */
  readonly around: readonly number[];
  readonly live: boolean;
};

function lookInto(container: readonly Entry[], place: Place, scan: Scan): void {
  const entries = container.filter(([key]) => !CUSTOMERS_OWN.test(key)).map(([key, value]) => ({ key, words: wordsOf(key), value }));
  const thresholds = new Map<string, number[]>();
  for (const { words, value } of entries.filter((entry) => isThreshold(entry.words))) {
    const numbers = (isJsonObject(value) ? Object.values(value) : [value]).map(numberOf).filter((number) => number !== undefined);
    thresholds.set(stemOf(words), [...(thresholds.get(stemOf(words)) ?? []), ...numbers]);
  }
  for (const { key, words, value } of entries) {
    if (isNestedError(key, place) && !isNoError(value)) scan.signs.add('NESTED_ERROR');
    if (isAttackCode(words, value)) scan.signs.add('ATTACK');
    // A threshold says what would be an attack, not that there was one.
    const topic = isThreshold(words) ? undefined : (topicOf(words, key) ?? place.topic);
    const items: readonly unknown[] = Array.isArray(value) ? value.flat(MAX_DEPTH) : [value];
    for (const item of items) {
      const around = thresholds.get(stemOf(words)) ?? [];
      const live = place.live || isOfLiveness(words);
      if (isJsonObject(item)) lookInto(Object.entries(item), { top: place.top ?? key, depth: place.depth + 1, topic, around, live }, scan);
      else lookAt(item, { key, words, topic, thresholds, around: place.around, live }, scan);
    }
  }
}

function lookAt(value: unknown, field: Field, scan: Scan): void {
  if (value === undefined || value === null) return;
  const number = numberOf(value);
  if (number !== undefined && DOCUMENTED_SCORES.has(field.key) && thresholdFor(field, number) === undefined) return;
  if (field.topic !== undefined) {
    const tells = field.topic === 'NOT_GENUINE' ? isDenied(value, field) : isAffirmed(value, field);
    if (tells) scan.signs.add(field.topic);
    else scan.quirks.add('ATTACK_FIELD_QUIET');
    return;
  }
  if (number !== undefined && field.live && isBelowItsOwn(number, field)) scan.signs.add('NOT_GENUINE');
  if (typeof value !== 'string' || value.length > LONGEST_TEXT || REFERENCES.test(field.key)) return;
  const sign = signInText(value);
  if (sign !== undefined) scan.signs.add(sign);
}

function isAttackCode(words: readonly string[], value: unknown): boolean {
  const code = words.join('') === 'RESULTCODE' ? numberOf(value) : undefined;
  return code !== undefined && code >= ATTACK_CODES.from && code <= ATTACK_CODES.to;
}

function isNestedError(key: string, { top, depth }: Place): boolean {
  if (top === undefined || !RESULTS.has(top)) return false;
  if (depth === 1 && top === 'verify_result' && key === 'error_message') return false;
  return isErrorKey(key) || /^fail(?:ure)?_?reason$/i.test(key);
}

/** Beside what tells of genuineness these say something else. */
const DESCRIPTIONS: ReadonlySet<string> = new Set(['VERSION', 'MODEL', 'TIME', 'ID', 'UUID', 'URL', 'TYPE', 'NAME']);

/**
 * A field that tells of genuineness gives a sign unless it says that all is well: a number of its threshold or more, on
 * whichever scale, true, nothing but good words, or that there is no attack. One that says nothing gives none.
 */
function isDenied(value: unknown, field: Field): boolean {
  const number = numberOf(value);
  if (number !== undefined) return share(number) < leastGenuine(field);
  if (typeof value !== 'string') return value === false;
  if (isBlank(value)) return false;
  const describes = value.length > LONGEST_TEXT || field.words.some((word) => DESCRIPTIONS.has(word));
  return describes ? signInText(value) !== undefined : !saysGood(value) && !deniesAttack(value);
}

function isOfLiveness(words: readonly string[]): boolean {
  return words.some((word) => word === 'LIVENESS' || word === 'LIVE' || word === 'ALIVE');
}

/** A score of liveness below the threshold that the answer brings for it; without one it means nothing to us. */
function isBelowItsOwn(number: number, { words, thresholds }: Field): boolean {
  const own = isThreshold(words) ? [] : (thresholds.get(stemOf(words)) ?? []);
  return own.length > 0 && share(number) < Math.max(...own.map(share));
}

/** The greatest of the thresholds that may be meant for it; half of the scale if there is none. */
function leastGenuine({ words, thresholds, around }: Field): number {
  const own = thresholds.get(stemOf(words)) ?? [];
  const given = own.length > 0 ? own : [...thresholds.values(), around].flat();
  return given.length === 0 ? DEFAULT_THRESHOLD : Math.max(...given.map(share));
}

/** A number of 0 to 1; greater ones are of the scale of 0 to 100. */
function share(number: number): number {
  return number > 1 ? number / 100 : number;
}

function isAffirmed(value: unknown, field: Field): boolean {
  const number = numberOf(value);
  if (number !== undefined) return number > 0 && number >= (thresholdFor(field, number) ?? DEFAULT_THRESHOLD);
  if (saysNothing(value)) return false;
  // `face_attack: "NO_ATTACK"` denies what its name says.
  return typeof value !== 'string' || signInText(value) !== undefined || !denies(value);
}

/**
 * The threshold beside a number: `mask_threshold` of `mask_confidence`, `threshold` or the least of `thresholds` of a
 * mere `confidence`. One that no number of this scale could reach means nothing.
 */
function thresholdFor({ words, thresholds }: Field, number: number): number | undefined {
  const usable = (thresholds.get(stemOf(words)) ?? []).filter((one) => number > 1 || one < 1);
  return usable.length === 0 ? undefined : Math.min(...usable);
}

const MEASURES: ReadonlySet<string> = new Set(['CONFIDENCE', 'SCORE', 'PROBABILITY', 'PROB', 'RATE', 'VALUE', 'THRESHOLD', 'THRESHOLDS']);

/** What a name is about, without the word for the kind of number. */
function stemOf(words: readonly string[]): string {
  return words.filter((word) => !MEASURES.has(word)).join('_');
}

function isThreshold(words: readonly string[]): boolean {
  return words.includes('THRESHOLD') || words.includes('THRESHOLDS');
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*-?\d{1,15}(?:\.\d{1,15})?\s*$/.test(value) ? Number(value) : undefined;
}
