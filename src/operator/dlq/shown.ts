import { createHash } from 'node:crypto';
import { headerText, inLowerCase } from '../../contracts/wire/header-text.ts';
import { givesTokenAway } from '../../contracts/wire/request.ts';
import type { InboundRecord } from '../../ingress/ports.ts';

/**
 * A dead letter holds what its producer wrote, a token in clear perhaps, and where the value is no JSON nobody can say where in
 * it. So nothing of it is shown but what cannot be one: words and short numbers that stand nowhere else in the record.
 */

const SHOWN_AT_MOST = 64;
const WORD = /^([a-z]{0,24}|\d{1,4}|[a-z]{1,12}\d{1,3})$/i;
/** From this length on a text is taken for a token if it stands in the value, too. */
const TELLING_LENGTH = 8;

/** Whether a text of a record may be shown: words, as in a name or an address, and nothing that value or key repeat. */
export function isShowable(text: string, { value, key }: Pick<InboundRecord, 'value' | 'key'>): boolean {
  if (text.length > SHOWN_AT_MOST || !text.split(/[._:/-]/).every((part) => WORD.test(part))) return false;
  return text.length < TELLING_LENGTH || ![value, key].some((bytes) => bytes?.includes(text) === true);
}

/** The same text always gives the same, and nobody gets it back from that. */
export function digestOf(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

const SOURCES = ['ce_source', 'ce-source', 'cloudevents:source', 'cloudevents_source'];

/** The CloudEvents source in the headers, as it may be shown: itself, or `#` and a digest. Undefined: there is none. */
export function shownSource(record: InboundRecord, token = ''): string | undefined {
  if (![...record.headers.keys()].some((name) => SOURCES.includes(name.toLowerCase()))) return undefined;
  const headers = inLowerCase(record.headers);
  const source = SOURCES.map((name) => headerText(headers, name)).find((text) => text !== undefined);
  if (source === undefined) return undefined;
  const isSafe = isShowable(source, record) && !(token !== '' && givesTokenAway(source, token));
  return isSafe ? source : `#${digestOf(source)}`;
}
