import { createHash } from 'node:crypto';
import { DEAD_LETTER_HEADERS } from '../../contracts/wire/dead-letter.ts';
import { type HeaderList, listedHeaders } from '../../contracts/wire/header-text.ts';
import { hintSchema } from '../../contracts/wire/hint.ts';
import { REDRIVE_COUNT } from '../../contracts/wire/redrive.ts';
import { requestSchema } from '../../contracts/wire/request.ts';
import { verificationIdSchema } from '../../contracts/wire/token-identity.ts';
import { isObject, valueJson } from '../../contracts/wire/value-json.ts';
import { dataOf, type Letter } from './letter.ts';
import { digestOf, isShowable } from './shown.ts';

/** A part of a record without what it holds; `shown` is there where it cannot be a secret. */
export type Part = { readonly name: string; readonly bytes: number | null; readonly shown?: string };

/** What may be told of a letter: sizes, kinds, digests, and the fields that are checked by a closed rule. */
export type LetterSummary = {
  readonly key: string;
  readonly value: string;
  readonly valueSha256?: string;
  readonly fields: readonly string[];
  readonly headers: readonly Part[];
};

export function summaryOf(letter: Letter): LetterSummary {
  const { record } = letter;
  const { key, value } = record;
  return {
    key: key === null ? 'none' : `${key.length} bytes, digest ${digestOf(key)}`,
    value: kindOf(value),
    ...(value === null ? {} : { valueSha256: createHash('sha256').update(value).digest('hex') }),
    fields: fieldsOf(letter),
    headers: headerParts(letter),
  };
}

function kindOf(value: Buffer | null): string {
  if (value === null) return 'none (a tombstone)';
  if (value.length === 0) return 'empty';
  const json = valueJson(value);
  const kind = !json.ok ? json.problems.join('; ').replace(/^value: /, '') : isObject(json.value) ? 'a JSON object' : 'JSON, no object';
  return `${value.length} bytes, ${kind}`;
}

/** Fields whose values a closed rule checks, so that no token can be in them once they pass it. */
const CHECKED = {
  issuedAt: requestSchema.shape.issuedAt,
  tokenExpiresAt: requestSchema.shape.tokenExpiresAt,
  sessionEndedAt: requestSchema.shape.sessionEndedAt,
  policy: requestSchema.shape.policy,
  returnImage: requestSchema.shape.returnImage,
  kind: hintSchema.shape.kind,
  trusted: hintSchema.shape.trusted,
  verificationId: verificationIdSchema,
} as const;

function fieldsOf({ record }: Letter): readonly string[] {
  const data = dataOf(record) ?? {};
  const known = new Set([...Object.keys(requestSchema.shape), ...Object.keys(hintSchema.shape)]);
  const names = Object.keys(data);
  const others = names.filter((name) => !known.has(name)).length;
  const told = names.filter((name) => known.has(name)).map((name) => `${name}: ${fieldText(name, data[name])}`);
  return [...told, ...(others === 0 ? [] : [`and ${others} further field(s), whose names are not shown`])];
}

function fieldText(name: string, value: unknown): string {
  const rule = Object.entries(CHECKED).find(([checked]) => checked === name)?.[1];
  if (rule?.safeParse(value).success === true) return JSON.stringify(value);
  if (typeof value === 'string') return `text of ${value.length} characters`;
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (isObject(value)) return `object of ${Object.keys(value).length} field(s)`;
  return value === null ? 'null' : typeof value;
}

const OURS = new Set<string>([...Object.values(DEAD_LETTER_HEADERS), REDRIVE_COUNT]);
/** Names of headers that say nothing by themselves. */
const USUAL =
  /^(content-?type|traceparent|tracestate|(ce[_-]|cloudEvents[:_])(id|source|type|specversion|subject|time|dataschema|datacontenttype|traceparent|tracestate|partitionkey))$/i;
const SHOWN_TEXT = /^[\w.+/;= -]{1,64}$/;
const MEDIA_TYPE = /^content-?type$/i;

/** Of ours the last one of each name counts: the others are the producer's. */
function headerParts({ record, said }: Letter): readonly Part[] {
  const list: HeaderList = listedHeaders(record);
  return list.map(([name, value], at) => {
    const isOurs = OURS.has(name) && !list.slice(at + 1).some(([later]) => later === name);
    const isNamed = isOurs || USUAL.test(name) || isShowable(name, record);
    const text = value?.toString('utf8') ?? '';
    const known: Readonly<Record<string, unknown>> = said;
    // A header of ours that breaks its own rule is not ours.
    const isKnown = isOurs && (known[name] === text || /^-?\d{1,16}$/.test(text)) && !repeats(text, record.value);
    const isShown = isKnown || (MEDIA_TYPE.test(name) && SHOWN_TEXT.test(text) && isShowable(text.replaceAll(/[+;= ]/g, '/'), record));
    return {
      name: isNamed ? name : `(a name of ${Buffer.byteLength(name)} bytes)`,
      bytes: value === null ? null : value.length,
      ...(isShown ? { shown: text } : {}),
    };
  });
}

/** Whether what a header says is all of the value, as a token that was sent bare would be. */
function repeats(text: string, value: Buffer | null): boolean {
  return text.length >= 16 && value?.equals(Buffer.from(text)) === true;
}
