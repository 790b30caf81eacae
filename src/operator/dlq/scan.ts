import { REDRIVE_AUDIT_TYPE, redriveAuditSchema } from '../../contracts/wire/redrive-audit.ts';
import { textJson } from '../../contracts/wire/value-json.ts';
import type { InboundRecord } from '../../ingress/ports.ts';
import { type Letter, letterOf, type Place, placeOf } from './letter.ts';
import type { Span, TopicSource, Unread } from './ports.ts';

export type ScanOptions = {
  readonly topic: string;
  /** Once it has fired nothing more is read. */
  readonly signal: AbortSignal;
  /** How many offsets of how many are behind. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly onUnread: (unread: Unread) => void;
};

/** Every letter from the first to the end as it was when the scan began, partition by partition. */
export async function* scan(source: TopicSource, options: ScanOptions): AsyncGenerator<Letter> {
  for await (const record of records(source, options)) yield letterOf(record);
}

async function* records(source: TopicSource, { topic, signal, onProgress, onUnread }: ScanOptions): AsyncGenerator<InboundRecord> {
  const spans = await source.spans(topic);
  const total = spans.reduce((sum, span) => sum + sizeOf(span), 0);
  let before = 0;
  for (const span of spans) {
    for await (const one of source.read(topic, span)) {
      if (signal.aborted) return;
      onProgress?.(before + Number(one.offset - span.from) + 1, total);
      if ('why' in one) onUnread(one);
      else yield one;
    }
    before += sizeOf(span);
  }
  onProgress?.(total, total);
}

function sizeOf({ from, until }: Span): number {
  return Number(until - from);
}

/** The letter at a place. Undefined: there is none, any more. */
export async function letterAt(
  source: TopicSource,
  { topic, partition, offset }: Place & { readonly topic: string },
): Promise<Letter | Unread | undefined> {
  const span = (await source.spans(topic)).find((one) => one.partition === partition);
  if (span === undefined || offset < span.from || offset >= span.until) return undefined;
  for await (const one of source.read(topic, { partition, from: offset, until: offset + 1n })) return 'why' in one ? one : letterOf(one);
  return undefined;
}

/** When letters were sent again before, as the audit topic has it. */
export type Redriven = { at(letter: Letter): string | undefined };

/**
 * Reads the audit topic. Its records name a letter by its place and time, because a topic may be made anew. `isWhole`: nothing in
 * it was beyond reading.
 */
export async function redrivenBefore(
  source: TopicSource,
  { auditTopic, ...options }: ScanOptions & { readonly auditTopic: string },
): Promise<Redriven & { readonly isWhole: boolean }> {
  const known = new Map<string, string>();
  let isWhole = true;
  const onUnread = (unread: Unread): void => {
    isWhole = false;
    options.onUnread(unread);
  };
  for await (const { headers, value } of records(source, { ...options, topic: auditTopic, onUnread })) {
    if (headers.get('ce_type')?.at(-1)?.toString() !== REDRIVE_AUDIT_TYPE || value === null) continue;
    const json = textJson(value.toString('utf8'));
    const audit = redriveAuditSchema.safeParse(json.ok ? json.value : undefined);
    if (!audit.success || audit.data.letter.topic !== options.topic) continue;
    const { partition, offset, timestamp } = audit.data.letter;
    known.set(`${partition}/${offset} ${timestamp}`, audit.data.redrivenAt);
  }
  return { isWhole, at: (letter) => known.get(`${placeOf(letter)} ${letter.record.timestampMs}`) };
}
