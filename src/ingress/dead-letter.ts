import { DEAD_LETTER_HEADERS, withDeadLetterHeaders } from '../contracts/wire/dead-letter.ts';
import type { Burial } from './classify.ts';
import type { DeadLetter, InboundRecord } from './ports.ts';

/** The record byte for byte, with headers that say where it came from and which rule it breaks. */
export function deadLetterOf(
  record: InboundRecord,
  burial: Burial,
  about: { groupId: string; nowMs: number; attempts: number },
): DeadLetter {
  const headers = withDeadLetterHeaders(record.headers, {
    [DEAD_LETTER_HEADERS.topic]: record.topic,
    [DEAD_LETTER_HEADERS.partition]: String(record.partition),
    [DEAD_LETTER_HEADERS.offset]: record.offset.toString(),
    [DEAD_LETTER_HEADERS.timestamp]: String(record.timestampMs),
    [DEAD_LETTER_HEADERS.group]: about.groupId,
    [DEAD_LETTER_HEADERS.reason]: burial.reason,
    [DEAD_LETTER_HEADERS.stage]: burial.stage,
    [DEAD_LETTER_HEADERS.message]: burial.message,
    [DEAD_LETTER_HEADERS.attempts]: String(about.attempts),
    [DEAD_LETTER_HEADERS.failedAt]: new Date(about.nowMs).toISOString(),
  });
  return { key: record.key, value: record.value, headers };
}
