import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defined } from '../../domain/defined.ts';
import { DEAD_LETTER_REASONS } from '../dead-letter-reasons.ts';
import type { HeaderList, Headers } from './header-text.ts';
import { type Parsed, parseWith } from './parsed.ts';

export const DEAD_LETTER_STAGES = ['DECODE', 'VALIDATE', 'ADMIT', 'START'] as const;
export type DeadLetterStage = (typeof DEAD_LETTER_STAGES)[number];

/** All of them begin with `vf-dlq-`. */
export const DEAD_LETTER_HEADERS = {
  topic: 'vf-dlq-topic',
  partition: 'vf-dlq-partition',
  offset: 'vf-dlq-offset',
  timestamp: 'vf-dlq-timestamp',
  group: 'vf-dlq-group',
  reason: 'vf-dlq-reason',
  stage: 'vf-dlq-stage',
  message: 'vf-dlq-message',
  attempts: 'vf-dlq-attempts',
  failedAt: 'vf-dlq-failed-at',
  stub: 'vf-dlq-stub',
  valueBytes: 'vf-dlq-value-bytes',
  valueSha256: 'vf-dlq-value-sha256',
} as const;

const digits = z.string().regex(/^\d{1,19}$/);

/** The header values as text. */
export const deadLetterHeadersSchema = z
  .object({
    [DEAD_LETTER_HEADERS.topic]: z.string(),
    [DEAD_LETTER_HEADERS.partition]: digits,
    [DEAD_LETTER_HEADERS.offset]: digits,
    [DEAD_LETTER_HEADERS.timestamp]: z
      .string()
      .regex(/^-?\d{1,19}$/)
      .meta({ description: 'Epoch milliseconds of the original record.' }),
    [DEAD_LETTER_HEADERS.group]: z.string(),
    [DEAD_LETTER_HEADERS.reason]: z.enum(DEAD_LETTER_REASONS),
    [DEAD_LETTER_HEADERS.stage]: z.enum(DEAD_LETTER_STAGES),
    [DEAD_LETTER_HEADERS.message]: z.string().max(1024).meta({ description: 'Names fields and rules, never values.' }),
    [DEAD_LETTER_HEADERS.attempts]: digits,
    [DEAD_LETTER_HEADERS.failedAt]: z.iso.datetime(),
    [DEAD_LETTER_HEADERS.stub]: z.literal('true').exactOptional().meta({
      description: 'The record was too large, or the topic refused it as it is: its value is cut off here and its own headers are missing.',
    }),
    [DEAD_LETTER_HEADERS.valueBytes]: digits
      .exactOptional()
      .meta({ description: 'Of a stub only: size of the original value. Missing where not even that could be read.' }),
    [DEAD_LETTER_HEADERS.valueSha256]: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .exactOptional()
      .meta({ description: 'Of a stub only: SHA-256 of the original value. Missing where that was never read as a whole.' }),
  })
  .meta({
    title: 'DeadLetterHeaders',
    description: "Appended to the record's own headers; of a name that occurs more than once, the last is ours.",
  });

export type DeadLetterHeaders = z.infer<typeof deadLetterHeadersSchema>;

type StubHeaders = Pick<DeadLetterHeaders, 'vf-dlq-stub' | 'vf-dlq-value-bytes' | 'vf-dlq-value-sha256'>;

/** Headers that tell a stub from a dead letter that is whole, and which bytes it stands for: the value, or what is known of its size. */
export function stubHeaders(of: { readonly value: Buffer } | { readonly valueBytes: number | undefined }): StubHeaders {
  const stub = { [DEAD_LETTER_HEADERS.stub]: 'true' as const };
  if (!('value' in of)) return { ...stub, ...defined({ [DEAD_LETTER_HEADERS.valueBytes]: of.valueBytes?.toString() }) };
  return {
    ...stub,
    [DEAD_LETTER_HEADERS.valueBytes]: String(of.value.length),
    [DEAD_LETTER_HEADERS.valueSha256]: createHash('sha256').update(of.value).digest('hex'),
  };
}

/** Reads our headers off a dead letter; of repeated names the last counts. */
export function parseDeadLetterHeaders(headers: Headers): Parsed<DeadLetterHeaders> {
  return parseWith(deadLetterHeadersSchema, textsOf(headers));
}

const anyOfThem = deadLetterHeadersSchema.partial();

/** Those of our headers that are there and well formed: another version may have written fewer, and anybody anything. */
export function knownDeadLetterHeaders(headers: Headers): Readonly<z.infer<typeof anyOfThem>> {
  const texts = textsOf(headers);
  const parsed = anyOfThem.safeParse(texts);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
  return anyOfThem.parse(Object.fromEntries(Object.entries(texts).filter(([name]) => !wrong.has(name))));
}

function textsOf(headers: Headers): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries([...headers].map(([name, values]) => [name, values.at(-1)?.toString('utf8')]));
}

/** The record's own headers in order, as they were before ours were appended: the last one of each of our names is ours. */
export function withoutDeadLetterHeaders(all: HeaderList): HeaderList {
  const ours = new Set<string>(Object.values(DEAD_LETTER_HEADERS));
  // From the end, because a version that could not keep the order put ours beside the record's own of that name.
  const own = all.toReversed().filter(([name]) => !ours.delete(name));
  return own.toReversed();
}

/** The record's own headers followed by ours. */
export function withDeadLetterHeaders(own: Headers, ours: DeadLetterHeaders): Headers {
  const all = new Map(own);
  for (const [name, text] of Object.entries(ours)) all.set(name, [...(own.get(name) ?? []), Buffer.from(text, 'utf8')]);
  return all;
}
