import { defined } from '../domain/defined.ts';
import type { InboundRecord } from '../ingress/ports.ts';
import { cutOf, headerListOf } from './patches/record-batch.ts';

type HeaderValue = Buffer | string | readonly (Buffer | string)[] | undefined;

/** What is looked at of a record as kafkajs has it. */
type Message = {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
};

/** A record of kafkajs as bytes and numbers. */
export function inboundRecord(message: Message, place: { topic: string; partition: number }): InboundRecord {
  return {
    ...place,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    isAppendTime: isAppendTime(message),
    key: message.key,
    value: message.value,
    headers: headersOf(message.headers ?? {}),
    ...defined({ cut: cutOf(message), headerList: headerListOf(message) }),
  };
}

/** `TimestampTypes.LOG_APPEND_TIME` of kafkajs. */
const LOG_APPEND_TIME = 1;

/**
 * Each batch says in its attributes who wrote its timestamps, and kafkajs leaves that on every record, though its types do not
 * know of it. The topic's `message.timestamp.type` would tell only of records written since it was last changed, and reading it
 * takes a permission more. Records in the format before Kafka 0.11 count as dated by their producers.
 */
function isAppendTime(message: Message): boolean {
  const batch: unknown = Reflect.get(message, 'batchContext');
  return typeof batch === 'object' && batch !== null && Reflect.get(batch, 'timestampType') === LOG_APPEND_TIME;
}

/**
 * kafkajs collects headers in a plain object, so that one called `constructor` or `__proto__` arrives together with what
 * every object inherits under that name: only bytes are taken. It cannot write a null value: that is taken for an empty one.
 */
function headersOf(headers: NonNullable<Message['headers']>): ReadonlyMap<string, readonly Buffer[]> {
  return new Map(Object.entries(headers).map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).flatMap(toBytes)]));
}

function toBytes(value: unknown): Buffer[] {
  if (Buffer.isBuffer(value)) return [value];
  if (value === null || value === undefined) return [Buffer.alloc(0)];
  return typeof value === 'string' ? [Buffer.from(value, 'utf8')] : [];
}
