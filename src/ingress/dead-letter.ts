import { DependencyUnavailableError, RecordRefusedError } from '../contracts/errors.ts';
import { DEAD_LETTER_HEADERS, type DeadLetterHeaders, stubHeaders, withDeadLetterHeaders } from '../contracts/wire/dead-letter.ts';
import { defined } from '../domain/defined.ts';
import type { Fault } from './classify.ts';
import { type DeadLetter, type DeadLetterSink, type InboundRecord, type IngressEvents, positionOf } from './ports.ts';
import type { Clock } from '../async/sleep.ts';
import type { UntilDone } from './retry.ts';

type PutAsidePorts = {
  readonly deadLetters: DeadLetterSink;
  readonly settings: { readonly groupId: string };
  readonly clock: Clock;
  readonly events: IngressEvents;
  /** Never blames the record: there is nowhere else to put it. */
  readonly untilWritten: UntilDone;
};

/**
 * Writes a record to the dead-letter topic, with headers that say where it came from and what is wrong with it. Resolves once
 * it is there, and waits for that however long it takes: a record is never dropped.
 * @throws AbandonedError when `signal` aborts first.
 */
export type PutAside = (
  record: InboundRecord,
  why: { readonly fault: Fault; readonly attempts: number; readonly signal: AbortSignal },
) => Promise<void>;

export function createPutAside({ deadLetters, settings, clock, events, untilWritten }: PutAsidePorts): PutAside {
  /** @returns why only a stub was written, if so: waiting for a topic that never takes the record would hold up all behind it. */
  async function write(record: InboundRecord, ours: DeadLetterHeaders): Promise<string | undefined> {
    if (record.cut) {
      await deadLetters.publish(stubOf(record, ours));
      return 'the record is too large to be read as it is';
    }
    const letter = letterOf(record, ours);
    const bytes = sizeOf(letter);
    if (bytes > (deadLetters.maxBytes ?? Number.POSITIVE_INFINITY)) {
      await deadLetters.publish(stubOf(record, ours));
      return `its dead letter has ${bytes} bytes, and the topic takes ${deadLetters.maxBytes} at most`;
    }
    try {
      await deadLetters.publish(letter);
      return undefined;
    } catch (error) {
      const mayBeTooLarge = error instanceof DependencyUnavailableError && bytes > USUAL_LIMIT_BYTES;
      if (!(error instanceof RecordRefusedError) && !mayBeTooLarge) throw error;
      await deadLetters.publish(stubOf(record, ours));
      return error.message;
    }
  }

  return async (record, { fault, attempts, signal }) => {
    const ours = headersOf(record, { fault, attempts, groupId: settings.groupId, nowMs: clock.now() });
    const refusal = await untilWritten(async () => await write(record, ours), { record, signal });
    const at = positionOf(record);
    if (refusal !== undefined) events.deadLetterCut({ ...at, ...defined({ valueBytes: valueBytesOf(record) }), refusal });
    events.deadLettered({ ...at, reason: fault.reason, stage: fault.stage, message: fault.message });
  };
}

/**
 * Above Kafka's usual limit for a record, a broker may answer by cutting the connection (`socket.request.max.bytes`), which
 * looks like an outage. If a stub gets through at that very time, it is none.
 */
const USUAL_LIMIT_BYTES = 1024 * 1024;

const MAX_STUB_KEY_BYTES = 256;
const MAX_STUB_VALUE_BYTES = 1024;

/** Undefined: nobody knows. */
function valueBytesOf({ value, cut }: InboundRecord): number | undefined {
  if (cut) return cut.kind === 'RECORD' ? cut.valueBytes : undefined;
  return value?.length ?? 0;
}

/** What it takes in a topic at least. */
function sizeOf({ key, value, headers }: DeadLetter): number {
  const headerBytes = [...headers].flatMap(([name, values]) => values.map((one) => name.length + one.length));
  return headerBytes.reduce((sum, one) => sum + one, (key?.length ?? 0) + (value?.length ?? 0));
}

/** The record byte for byte, its own headers followed by ours. */
function letterOf(record: InboundRecord, ours: DeadLetterHeaders): DeadLetter {
  const list = record.headerList && [
    ...record.headerList,
    ...Object.entries(ours).map(([name, text]) => [name, Buffer.from(text)] as const),
  ];
  return {
    key: record.key,
    value: record.value,
    headers: withDeadLetterHeaders(record.headers, ours),
    ...defined({ headerList: list }),
  };
}

/**
 * Stands for a record that was too large to be read, or that the dead-letter topic refuses as it is: too large with our
 * headers, or without the key that a compacted topic asks for. Small whatever the record holds; never without key or value.
 */
function stubOf(record: InboundRecord, ours: DeadLetterHeaders): DeadLetter {
  const { key, topic, partition, offset } = record;
  const value = record.value ?? Buffer.alloc(0);
  return {
    key: key !== null && key.length <= MAX_STUB_KEY_BYTES ? key : Buffer.from(`${topic}/${partition}/${offset}`),
    value: value.subarray(0, MAX_STUB_VALUE_BYTES),
    headers: withDeadLetterHeaders(new Map(), { ...ours, ...stubHeaders(record.cut ? { valueBytes: valueBytesOf(record) } : { value }) }),
  };
}

function headersOf(
  record: InboundRecord,
  {
    fault,
    attempts,
    groupId,
    nowMs,
  }: { readonly fault: Fault; readonly attempts: number; readonly groupId: string; readonly nowMs: number },
): DeadLetterHeaders {
  return {
    [DEAD_LETTER_HEADERS.topic]: record.topic,
    [DEAD_LETTER_HEADERS.partition]: String(record.partition),
    [DEAD_LETTER_HEADERS.offset]: record.offset.toString(),
    [DEAD_LETTER_HEADERS.timestamp]: String(record.timestampMs),
    [DEAD_LETTER_HEADERS.group]: groupId,
    [DEAD_LETTER_HEADERS.reason]: fault.reason,
    [DEAD_LETTER_HEADERS.stage]: fault.stage,
    [DEAD_LETTER_HEADERS.message]: fault.message,
    [DEAD_LETTER_HEADERS.attempts]: String(attempts),
    [DEAD_LETTER_HEADERS.failedAt]: new Date(nowMs).toISOString(),
  };
}
