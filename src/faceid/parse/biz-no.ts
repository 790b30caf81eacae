import type { Answer } from '../../domain/judging/answer.ts';
import { sourceAt } from './duplicate-keys.ts';
import type { AnswerBody, Field } from './json-body.ts';
import { isJsonObject, type JsonObject, own, squeezedKey } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** docs/vendor.md row 11: at the top, where siblings have it, and where the sample has it if its brace is added at the end. */
const PLACES = [['biz_no'], ['biz_info', 'biz_no'], ['verify_result', 'biz_no']] as const;

/**
 * Compares every `biz_no` of the answer, repeated ones included, with the expected one. Exact text, of a number the digits
 * as they are written; any other value differs. Null and empty are absent (row 12: it is optional).
 */
export function compareBizNo(
  body: AnswerBody,
  options: { readonly expected: string | undefined; readonly quirks: QuirkLog },
): Answer['bizNo'] {
  const { expected, quirks } = options;
  const found = PLACES.flatMap((place) => sourcesAt(body, { place, quirks }));
  if (expected === undefined) return 'NOT_EXPECTED';
  if (found.length === 0) return 'ABSENT';
  return found.every((source) => textOf(source) === expected) ? 'MATCHES' : 'DIFFERS';
}

/** True for another business number than the expected one in another spelling, or where nobody looks for it (docs/vendor.md row 69). */
export function isStrayBizNo({ path, key, value }: Field, { root, expected }: { root: JsonObject; expected: string | undefined }): boolean {
  if (expected === undefined || squeezedKey(key) !== 'bizno' || String(value) === expected) return false;
  // Within a list the keys around it may be the same.
  return !PLACES.some((place) => place.join('\0') === path.join('\0') && valueAt(root, place) !== undefined);
}

/** The source texts of all values at a place that are there. */
function sourcesAt(body: AnswerBody, at: { place: readonly string[]; quirks: QuirkLog }): readonly string[] {
  const repeated = body.duplicates.filter(({ path }) => path.join('\0') === at.place.join('\0'));
  if (repeated.some(({ differs }) => differs)) at.quirks.add('BIZ_NO_REPEATED');
  const sources = repeated.length === 0 ? lastSource(body, at.place) : repeated.flatMap((one) => one.sources);
  const present = sources.filter((source) => source !== 'null' && source !== '""');
  if (present.length > 0 && at.place.length > 1) at.quirks.add('BIZ_NO_NESTED');
  if (present.some((source) => !source.startsWith('"'))) at.quirks.add('BIZ_NO_NOT_TEXT');
  return present;
}

function lastSource({ root, text }: AnswerBody, place: readonly string[]): readonly string[] {
  const value = valueAt(root, place);
  if (value === undefined) return [];
  // A number has 53 bits, a business number may have 19 digits: only the source tells one from the next.
  const source = typeof value === 'number' ? sourceAt(text, place) : JSON.stringify(value);
  return source === undefined ? [] : [source];
}

function valueAt(root: JsonObject, place: readonly string[]): unknown {
  return place.reduce<unknown>((value, key) => (isJsonObject(value) ? own(value, key) : undefined), root);
}

function textOf(source: string): unknown {
  return /^[-\d]/.test(source) ? source : JSON.parse(source);
}
