import type { Answer } from '../../domain/judging/answer.ts';
import type { AnswerBody } from './json-body.ts';
import { isJsonObject, own } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** docs/vendor.md row 11: at the top, where siblings have it, and where the sample has it if its brace is added at the end. */
const PLACES = [['biz_no'], ['biz_info', 'biz_no'], ['verify_result', 'biz_no']] as const;

/**
 * Compares every `biz_no` of the answer, repeated ones included, with the expected one. Exact text; any other value
 * differs. Null and empty are absent (row 12: it is optional).
 */
export function compareBizNo(
  body: AnswerBody,
  options: { readonly expected: string | undefined; readonly quirks: QuirkLog },
): Answer['bizNo'] {
  const { expected, quirks } = options;
  const found = PLACES.flatMap((place) => valuesAt(body, { place, quirks }));
  if (expected === undefined) return 'NOT_EXPECTED';
  if (found.length === 0) return 'ABSENT';
  return found.every((value) => value === expected) ? 'MATCHES' : 'DIFFERS';
}

function valuesAt(body: AnswerBody, at: { place: readonly string[]; quirks: QuirkLog }): unknown[] {
  const repeated = body.duplicates.filter(({ path }) => path.join('\0') === at.place.join('\0'));
  if (repeated.some(({ differs }) => differs)) at.quirks.add('BIZ_NO_REPEATED');
  const values = repeated.length === 0 ? [lookUp(body.root, at.place)] : repeated.flatMap(({ sources }) => sources.map(parse));
  const present = values.filter((value) => value !== undefined && value !== null && value !== '');
  if (present.length > 0 && at.place.length > 1) at.quirks.add('BIZ_NO_NESTED');
  if (present.some((value) => typeof value !== 'string')) at.quirks.add('BIZ_NO_NOT_TEXT');
  return present.map((value) => (typeof value === 'number' ? String(value) : value));
}

function lookUp(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) value = isJsonObject(value) ? own(value, key) : undefined;
  return value;
}

function parse(source: string): unknown {
  return JSON.parse(source);
}
