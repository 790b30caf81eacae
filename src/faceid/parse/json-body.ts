import { decodeText } from './charset.ts';
import { type DuplicateKey, findDuplicateKeys } from './duplicate-keys.ts';
import { takeImages, type TakenImages } from './images.ts';
import { isJsonObject, type JsonObject } from './json-values.ts';

/** A key at whatever depth. `path`: the keys around it and itself, without the places in lists. */
export type Field = { readonly path: readonly string[]; readonly key: string; readonly value: unknown };

/** A vendor answer that is strict JSON with an object at its root. Its images are empty texts there, whatever they held. */
export type AnswerBody = {
  readonly root: JsonObject;
  readonly text: string;
  readonly images: TakenImages['images'];
  readonly duplicates: readonly DuplicateKey[];
  readonly bomStripped: boolean;
  /** It was not UTF-8 but the charset that it declared. */
  readonly otherCharset: boolean;
};

/** Deeper than any documented answer; bounds every recursion over it. */
export const MAX_DEPTH = 32;
/**
 * Containers, keys and list items; the largest documented answer has less than 200. It bounds how long a body of 1 MiB
 * holds the event loop up: a hundred thousand keys would take 100 ms, and as much again for everything that looks at them.
 */
const MAX_PARTS = 1_000;
/** Values of repeated keys are looked at once more, and repetition can be nested. */
const MAX_REPEATED_SHARE = 4;
const MAX_REPEATED = MAX_REPEATED_SHARE * 1024 * 1024;
const BOM = [0xef, 0xbb, 0xbf];

/**
 * Reads a body as strict text (UTF-8 or as declared) and strict JSON (docs/vendor.md row 9: braces are not repaired, because a repair is ambiguous).
 * Undefined for anything else, and for what no answer of the vendor's could be: too deep, or of too many parts.
 */
export function parseAnswerBody(body: Uint8Array, contentType?: string): AnswerBody | undefined {
  try {
    const limits = { maxDepth: MAX_DEPTH, maxParts: MAX_PARTS };
    const { text: whole, declared } = decodeText(body, contentType);
    const { rest: text, images } = takeImages(whole, limits);
    // Scanned first: JSON.parse would take seconds for a body of nothing but brackets.
    const duplicates = findDuplicateKeys(text, limits);
    if (duplicates === undefined || repeatedLength(duplicates) > Math.min(MAX_REPEATED_SHARE * text.length, MAX_REPEATED)) return undefined;
    const root: unknown = JSON.parse(text);
    if (!isJsonObject(root)) return undefined;
    return { root, text, images, duplicates, bomStripped: BOM.every((byte, index) => body[index] === byte), otherCharset: declared };
  } catch (error) {
    // Bad bytes are a TypeError, bad JSON a SyntaxError; their texts quote the body.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Every key of a body at every depth, also those that a repeated key hides. */
export function fieldsOf({ root, duplicates }: AnswerBody): readonly Field[] {
  const hidden = duplicates.filter(({ differs }) => differs);
  return [
    ...fieldsIn(root, []),
    ...hidden.flatMap(({ path, sources }) =>
      sources.flatMap((source) => fieldsIn({ [path.at(-1) ?? '']: JSON.parse(source) }, path.slice(0, -1))),
    ),
  ];
}

function fieldsIn(value: unknown, around: readonly string[]): readonly Field[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsIn(item, around));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const path = [...around, key];
    return [{ path, key, value: part }, ...fieldsIn(part, path)];
  });
}

function repeatedLength(duplicates: readonly DuplicateKey[]): number {
  return duplicates.reduce((sum, { sources }) => sum + sources.reduce((length, source) => length + source.length, 0), 0);
}
