import { type DuplicateKey, findDuplicateKeys } from './duplicate-keys.ts';
import { isJsonObject, type JsonObject } from './json-values.ts';

/** A vendor answer that is strict JSON with an object at its root. */
export type AnswerBody = {
  readonly root: JsonObject;
  readonly duplicates: readonly DuplicateKey[];
  readonly bomStripped: boolean;
};

/** Deeper than any documented answer; bounds every recursion over it. */
const MAX_DEPTH = 32;
const BOM = [0xef, 0xbb, 0xbf];

/**
 * Reads a body as strict UTF-8 and strict JSON (docs/vendor.md row 9: braces are not repaired, because a repair is ambiguous).
 * Undefined for anything else.
 */
export function parseAnswerBody(body: Uint8Array): AnswerBody | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    // Scanned first: JSON.parse would spend seconds on a body of nothing but brackets.
    const duplicates = findDuplicateKeys(text, { maxDepth: MAX_DEPTH });
    const root: unknown = duplicates === undefined ? undefined : JSON.parse(text);
    if (duplicates === undefined || !isJsonObject(root)) return undefined;
    return { root, duplicates, bomStripped: BOM.every((byte, index) => body[index] === byte) };
  } catch (error) {
    // Bad UTF-8 is a TypeError, bad JSON a SyntaxError; their texts quote the body.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
