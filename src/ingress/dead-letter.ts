import { DEAD_LETTER_HEADERS, type DeadLetterHeaders, stubHeaders, withDeadLetterHeaders } from '../contracts/wire/dead-letter.ts';
import type { Burial } from './classify.ts';
import type { DeadLetter, InboundRecord } from './ports.ts';

const MAX_STUB_KEY_BYTES = 256;
const MAX_STUB_VALUE_BYTES = 1024;

export type Failure = { readonly burial: Burial; readonly groupId: string; readonly nowMs: number; readonly attempts: number };

/** The record byte for byte, with headers that say where it came from and which rule it breaks. */
export function deadLetterOf(record: InboundRecord, failure: Failure): DeadLetter {
  return { key: record.key, value: record.value, headers: withDeadLetterHeaders(record.headers, headersOf(record, failure)) };
}

/**
 * Stands for a record that the dead-letter topic refuses as it is: too large with our headers, or without the key that a
 * compacted topic asks for. Small whatever the record holds; never without key or value.
 */
export function stubOf(record: InboundRecord, failure: Failure): DeadLetter {
  const { key, topic, partition, offset } = record;
  const value = record.value ?? Buffer.alloc(0);
  return {
    key: key !== null && key.length <= MAX_STUB_KEY_BYTES ? key : Buffer.from(`${topic}/${partition}/${offset}`),
    value: value.subarray(0, MAX_STUB_VALUE_BYTES),
    headers: withDeadLetterHeaders(new Map(), { ...headersOf(record, failure), ...stubHeaders(value) }),
  };
}

function headersOf(record: InboundRecord, { burial, groupId, nowMs, attempts }: Failure): DeadLetterHeaders {
  return {
    [DEAD_LETTER_HEADERS.topic]: record.topic,
    [DEAD_LETTER_HEADERS.partition]: String(record.partition),
    [DEAD_LETTER_HEADERS.offset]: record.offset.toString(),
    [DEAD_LETTER_HEADERS.timestamp]: String(record.timestampMs),
    [DEAD_LETTER_HEADERS.group]: groupId,
    [DEAD_LETTER_HEADERS.reason]: burial.reason,
    [DEAD_LETTER_HEADERS.stage]: burial.stage,
    [DEAD_LETTER_HEADERS.message]: burial.message,
    [DEAD_LETTER_HEADERS.attempts]: String(attempts),
    [DEAD_LETTER_HEADERS.failedAt]: new Date(nowMs).toISOString(),
  };
}
