import type { AnswerBody } from './json-body.ts';
import { own } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** Enough for every duplicate ever seen; a hostile body cannot fill the history. */
const MAX_REQUEST_IDS = 8;

/**
 * All values of `request_id` (docs/vendor.md row 10: the vendor's own sample has two). Opaque text with a comma in it (row 32),
 * never split; values outside the closed pattern are dropped.
 */
export function requestIdsOf(body: AnswerBody, { quirks }: { readonly quirks: QuirkLog }): string[] {
  const repeated = body.duplicates.find(({ path }) => path.length === 1 && path[0] === 'request_id');
  if (repeated?.differs === true) quirks.add('REQUEST_ID_REPEATED');
  const values: unknown[] = repeated?.sources.map((source): unknown => JSON.parse(source)) ?? [own(body.root, 'request_id')];
  const ids = new Set<string>();
  for (const value of values) {
    if (value === undefined || value === null) continue;
    if (typeof value === 'string' && /^[\w,.:-]{1,128}$/.test(value)) ids.add(value);
    else quirks.add('REQUEST_ID_DROPPED');
  }
  return [...ids].slice(0, MAX_REQUEST_IDS);
}
