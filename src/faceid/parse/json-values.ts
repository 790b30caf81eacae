import type { QuirkLog } from './quirks.ts';
import { remembered } from './remembered.ts';

export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of an own key; never one inherited from a prototype. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Longer keys name nothing that we know. */
const LONGEST_KEY = 64;

/** The letters and digits of a key in lower case: what is left of a name in whatever spelling. ASCII only, against look-alikes. */
export const squeezedKey = remembered((key): string =>
  key.length > LONGEST_KEY ? '' : key.replaceAll(/[^A-Za-z0-9]+/g, '').replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()),
);

/** docs/vendor.md row 8: absent, null, `{}` and all-null are the same, "no data". `[]` is how some servers write `{}`. */
export function isNoData(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.every(isNoData);
  return isJsonObject(value) && Object.values(value).every(isNoData);
}

/** Which of these names an object holds in another spelling, such as `livenessResult`, with something there (docs/vendor.md row 69). */
export function misspeltIn(object: JsonObject, names: readonly string[]): readonly string[] {
  const others = Object.entries(object).filter(([key, value]) => !names.includes(key) && !isNoData(value));
  const squeezed = others.map(([key]) => squeezedKey(key));
  return names.filter((name) => squeezed.includes(squeezedKey(name)));
}

/** A finite number, also written as decimal text (docs/vendor.md rows 4, 18); undefined for anything else. */
export function readNumber(value: unknown, quirks: QuirkLog): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,15}(?:\.\d{1,15})?$/.test(value)) return undefined;
  quirks.add('NUMERIC_TEXT');
  return Number(value);
}

export function readCount(value: unknown, quirks: QuirkLog): number | undefined {
  const count = readNumber(value, quirks);
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/**
 * Trims and upper-cases a word of ASCII letters and underscores. ASCII only, because full upper-casing turns look-alikes
 * such as `paſſ` into PASS. Undefined for any other text.
 */
export function foldWord(text: string): string | undefined {
  const word = text.trim();
  return /^[A-Za-z_]{1,32}$/.test(word) ? word.toUpperCase() : undefined;
}
