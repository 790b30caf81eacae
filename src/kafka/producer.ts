import type { Kafka, Message } from 'kafkajs';
import { sleep } from '../async/sleep.ts';
import { DependencyUnavailableError, missingText, RecordRefusedError } from '../contracts/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import type { HeaderList } from '../contracts/wire/header-text.ts';
import type { EmissionReceipt } from '../contracts/workflow.ts';
import { defined } from '../domain/defined.ts';
import { describeKafkaError, NotConnectedError, protocolTypeOf } from './errors.ts';
import type { ProducerEvents } from './events.ts';
import { standInFor } from './patches/ordered-headers.ts';
import { createProducerLink, type ProducerLink } from './producer-link.ts';

export type OutboundRecord = {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: ReadonlyMap<string, readonly (Buffer | string)[]>;
  /** Instead of `headers`, where those cannot tell the order. */
  readonly headerList?: HeaderList;
  /** Default: the partition of the key. It must exist. */
  readonly partition?: number;
  /** Epoch ms as text. Default: now. All records of one topic that are published at a time have one, or none. */
  readonly timestamp?: string;
};

export type RecordProducer = {
  /**
   * Resolves once all in-sync replicas have the record.
   * @throws DependencyUnavailableError when nobody can say whether it was written: repeat it under the same identity.
   * @throws RecordRefusedError when the brokers will never take it, e.g. because it is too large.
   */
  publish(record: OutboundRecord): Promise<EmissionReceipt>;
  /** Waits for what was published, then disconnects. */
  close(): Promise<void>;
};

export type RecordProducerOptions = {
  readonly kafka: Kafka;
  readonly events: ProducerEvents;
  readonly logger: Logger;
  readonly maxBatchRecords?: number;
  /** Below the brokers' usual limit of 1 MiB for the records of one partition. */
  readonly maxBatchBytes?: number;
  /** A send that takes longer counts as failed. */
  readonly sendTimeoutMs?: number;
};

type Entry = {
  readonly topic: string;
  readonly message: Message;
  readonly bytes: number;
  resolve(receipt: EmissionReceipt): void;
  reject(error: Error): void;
};

type Pump = { readonly options: RecordProducerOptions; readonly link: ProducerLink; queue: Entry[]; draining: Promise<void> | undefined };

/** One producer for outcomes, dead letters, audits and requests: one send in flight, many records a send. */
export function createRecordProducer(options: RecordProducerOptions): RecordProducer {
  const link = createProducerLink({ ...options, sendTimeoutMs: options.sendTimeoutMs ?? 30_000 });
  const pump: Pump = { options, link, queue: [], draining: undefined };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await pump.draining;
    await link.close();
  };
  return {
    async publish(record) {
      if (closing) throw new DependencyUnavailableError('kafka', 'the producer is closing');
      return await new Promise<EmissionReceipt>((resolve, reject) => {
        pump.queue.push({ ...entryOf(record), resolve, reject });
        pump.draining ??= drain(pump);
      });
    },
    close: async () => await (closing ??= close()),
  };
}

/**
 * The first record waits one turn for those published with it; while a send is under way, records collect anyway. Ends in the
 * same turn in which it finds nothing: a record published a microtask later would else wait for nobody.
 */
async function drain(pump: Pump): Promise<void> {
  await sleep(0);
  while (pump.queue.length > 0) await deliver(takeBatch(pump), pump);
  pump.draining = undefined;
}

/** The oldest record and those of its topic that fit with it, in order. A topic that is gone thus fails its own records only. */
function takeBatch(pump: Pump): Entry[] {
  const { maxBatchRecords = 500, maxBatchBytes = 512 * 1024 } = pump.options;
  const topic = pump.queue[0]?.topic;
  const batch: Entry[] = [];
  let bytes = 0;
  let full = false;
  const rest = pump.queue.filter((entry) => {
    full ||= batch.length >= maxBatchRecords || (entry.topic === topic && batch.length > 0 && bytes + entry.bytes > maxBatchBytes);
    if (full || entry.topic !== topic) return true;
    batch.push(entry);
    bytes += entry.bytes;
    return false;
  });
  pump.queue = rest;
  return batch;
}

/** Sends `batch` and answers each who published a record of it; never rejects. */
async function deliver(batch: Entry[], pump: Pump): Promise<void> {
  const [first] = batch;
  if (!first) return;
  const { events } = pump.options;
  const about = { topic: first.topic, records: batch.length };
  const startedAtMs = Date.now();
  try {
    const receipts = await pump.link.send(
      first.topic,
      batch.map(({ message }) => message),
    );
    events.sent({ ...about, durationMs: Date.now() - startedAtMs });
    for (const [index, entry] of batch.entries()) acknowledge(entry, receipts[index]);
  } catch (error) {
    events.sendFailed({ ...about, error: describeKafkaError(error) });
    await giveUp(batch, { pump, error });
  }
}

function acknowledge(entry: Entry, receipt: EmissionReceipt | undefined): void {
  if (receipt) entry.resolve(receipt);
  else entry.reject(new DependencyUnavailableError('kafka', `no acknowledgement from topic "${entry.topic}"`));
}

async function giveUp(batch: Entry[], { pump, error }: { pump: Pump; error: unknown }): Promise<void> {
  if (isRecordFault(error, batch)) {
    if (batch.length === 1)
      return batch[0]?.reject(
        new RecordRefusedError(`topic "${batch[0].topic}" refuses the record: ${describeKafkaError(error)}`, { cause: error }),
      );
    // Which one it was is not said: halves find it, and the others go through.
    const half = Math.ceil(batch.length / 2);
    await deliver(batch.slice(0, half), pump);
    return await deliver(batch.slice(half), pump);
  }
  // Without a connection the records behind would only wait for the same failure.
  const concerned = error instanceof NotConnectedError ? [...batch, ...pump.queue.splice(0)] : batch;
  for (const entry of concerned) entry.reject(new DependencyUnavailableError('kafka', whatFailed(entry.topic, error), { cause: error }));
}

function whatFailed(topic: string, error: unknown): string {
  if (protocolTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return missingText([`topic ${topic}`]);
  const remedy = protocolTypeOf(error) === 'INVALID_TIMESTAMP' ? ': set the clock of this machine right' : '';
  return `topic "${topic}": ${describeKafkaError(error)}${remedy}`;
}

const RECORD_FAULTS = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'];

/** A TypeError or RangeError comes from encoding: one record cannot be written as it is. */
function isRecordFault(error: unknown, batch: readonly Entry[]): boolean {
  const type = protocolTypeOf(error);
  // Records without a time of their own are dated by our clock.
  if (type === 'INVALID_TIMESTAMP') return batch.some(({ message }) => message.timestamp !== undefined);
  return (type !== undefined && RECORD_FAULTS.includes(type)) || error instanceof TypeError || error instanceof RangeError;
}

function entryOf(record: OutboundRecord): Pick<Entry, 'topic' | 'message' | 'bytes'> {
  const { topic, key, value, headers = new Map<string, readonly (Buffer | string)[]>(), headerList, partition, timestamp } = record;
  const message: Message = {
    key,
    value,
    // A list always: kafkajs then writes one header for each value, so repeated names survive.
    headers: headerList ? standInFor(headerList) : Object.fromEntries([...headers].map(([name, values]) => [name, [...values]])),
    ...defined({ partition, timestamp }),
  };
  const listed = headerList ?? [...headers].flatMap(([name, values]) => values.map((one) => [name, one] as const));
  const headerBytes = listed.reduce((sum, [name, one]) => sum + name.length + (one?.length ?? 0) + 8, 0);
  return { topic, message, bytes: (key?.length ?? 0) + (value?.length ?? 0) + headerBytes + 64 };
}
