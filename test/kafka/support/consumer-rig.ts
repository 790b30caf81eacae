import { once } from 'node:events';
import { inject } from 'vitest';
import type { InboundBatch, InboundRecord } from '../../../src/ingress/ports.ts';
import { type ConsumerOptions, createConsumer, type SupervisedConsumer } from '../../../src/kafka/consumer.ts';
import { produce } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { committedOffset, consumerEvents, ourKafka, uniqueName } from './broker.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const brokers = inject('kafkaBrokers');
/** Consumers of the running tests, which their file stops when these have ended. */
export const open: SupervisedConsumer[] = [];

export async function stopConsumers(): Promise<void> {
  await Promise.all(open.splice(0).map(async (one) => await one.stop()));
}

export type Handler = (batch: InboundBatch) => Promise<void>;

export function consumer(options: { topic: string; groupId: string; onBatch: Handler } & Partial<ConsumerOptions>) {
  const events = consumerEvents();
  const one = createConsumer({
    kafka: ourKafka(brokers),
    topics: [options.topic],
    events,
    logger: silentLogger,
    startupLimit: { startupTimeoutMs: 60_000 },
    maxWaitMs: 200,
    sessionTimeoutMs: 10_000,
    heartbeatIntervalMs: 500,
    rebuildBackoffMs: { first: 200, longest: 1000 },
    ...options,
  });
  open.push(one);
  return { consumer: one, events };
}

/** Takes every record and commits the batch. */
export function taking(seen: InboundRecord[]): Handler {
  return async (batch) => {
    seen.push(...batch.records);
    await batch.heartbeat();
    await batch.commit(batch.endOffset);
  };
}

/** Takes every record and commits its batch once it is told to go on, e.g. as if Temporal were away until then. */
export function holding(seen: InboundRecord[]): { readonly onBatch: Handler; readonly goOn: () => void } {
  const going = new AbortController();
  const onBatch: Handler = async (batch) => {
    seen.push(...batch.records);
    if (!going.signal.aborted) await once(going.signal, 'abort');
    await batch.commit(batch.endOffset);
  };
  return { onBatch, goOn: () => going.abort() };
}

/** Reads a topic of one partition until the group has committed `end`. */
export async function readToEnd(topic: string, options: { groupId?: string; brokers?: string; end?: bigint } = {}) {
  const { groupId = uniqueName('group'), brokers: at = brokers, end = 20n } = options;
  const seen: InboundRecord[] = [];
  const one = consumer({ topic, groupId, onBatch: taking(seen), kafka: ourKafka(at) });
  await one.consumer.start();
  const isAtEnd = async (): Promise<boolean> => (await committedOffset(at, { groupId, topic })) === end;
  await until(isAtEnd, { timeoutMs: 20_000, what: 'the commit of the end' }).catch((cause: unknown) => {
    const told = one.events.seen.map(([name]) => name).join(', ');
    throw new Error(`not at the end after ${seen.length} records; joined: ${one.consumer.isJoined()}; told: ${told}`, { cause });
  });
  return { ...one, seen };
}

/** A group that has committed `offset` and left. The topic must hold records. */
export async function groupAt(offset: bigint, { topic, brokers: at = brokers }: { topic: string; brokers?: string }): Promise<string> {
  const groupId = uniqueName('group');
  const leaving = new AbortController();
  const onBatch = async (batch: InboundBatch): Promise<void> => {
    await batch.commit(offset);
    // Else it would go on from there.
    if (!leaving.signal.aborted) await once(leaving.signal, 'abort');
  };
  const { consumer: one } = consumer({ topic, groupId, onBatch, kafka: ourKafka(at) });
  await one.start();
  await until(async () => (await committedOffset(at, { groupId, topic })) === offset, { timeoutMs: 15_000, what: 'the commit' });
  const stopped = one.stop();
  leaving.abort();
  await stopped;
  return groupId;
}

/** What the consumer said of records lost, perhaps lost, or read again. */
export function lossesOf(events: { readonly seen: readonly [string, object][] }): readonly [string, object][] {
  return events.seen.filter(([name]) => ['recordsLost', 'lossPossible', 'rewound'].includes(name));
}

export async function produceMany(topic: string, values: readonly string[], partition = 0): Promise<void> {
  await produce(
    brokers,
    topic,
    values.map((value) => ({ key: null, value, partition })),
  );
}

export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}

export function values(records: readonly InboundRecord[]): string[] {
  return records.map(({ value }) => String(value));
}
