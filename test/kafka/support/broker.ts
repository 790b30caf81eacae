import { randomBytes } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { ensureTopics, withAdmin } from '../../../src/kafka/admin.ts';
import { createKafka } from '../../../src/kafka/connect.ts';
import type { ConsumerEvents, ProducerEvents } from '../../../src/kafka/events.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { testKafka } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';

export function uniqueName(what: string): string {
  return `${what}-${randomBytes(5).toString('hex')}`;
}

export function ourKafka(brokers: string, more: Partial<Parameters<typeof createKafka>[0]> = {}): Kafka {
  return createKafka({ brokers: brokers.split(','), clientId: 'verdictflow-under-test', ssl: false, logger: silentLogger, ...more });
}

export async function makeTopic(
  brokers: string,
  options: { partitions?: number; config?: Record<string, string>; topic?: string } = {},
): Promise<string> {
  const topic = options.topic ?? uniqueName('topic');
  await until(
    async () => {
      await ensureTopics(testKafka(brokers), [
        { topic, partitions: options.partitions ?? 1, replicationFactor: 1, config: options.config ?? {} },
      ]);
      return true;
    },
    { timeoutMs: 20_000, what: `topic ${topic} to be made` },
  );
  return topic;
}

export async function committedOffset(brokers: string, place: { groupId: string; topic: string; partition?: number }): Promise<bigint> {
  const offsets = await withAdmin(
    testKafka(brokers),
    async (admin) => await admin.fetchOffsets({ groupId: place.groupId, topics: [place.topic] }),
  );
  return BigInt(offsets[0]?.partitions.find(({ partition }) => partition === (place.partition ?? 0))?.offset ?? '-1');
}

/** Reads `count` records of a topic from its beginning with plain kafkajs. */
export async function readBack(brokers: string, topic: string, count: number): Promise<(KafkaMessage & { partition: number })[]> {
  const consumer = testKafka(brokers).consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 100 });
  const seen: (KafkaMessage & { partition: number })[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message, partition }) => {
      seen.push({ ...message, partition });
      await Promise.resolve();
    },
  });
  await until(() => seen.length >= count, { timeoutMs: 30_000, what: `${count} records in ${topic}` });
  await consumer.disconnect();
  return seen;
}

export function producerEvents(): ProducerEvents & {
  sends: { topic: string; records: number }[];
  failures: { topic: string; error: string }[];
} {
  const sends: { topic: string; records: number }[] = [];
  const failures: { topic: string; error: string }[] = [];
  return { sends, failures, sent: (one) => void sends.push(one), sendFailed: (one) => void failures.push(one) };
}

/** Names of the events in order, with their details. */
export function consumerEvents(): ConsumerEvents & { seen: [string, object][]; count(name: string): number } {
  const seen: [string, object][] = [];
  const take =
    (name: string) =>
    (details: object = {}): void =>
      void seen.push([name, details]);
  return {
    seen,
    count: (name) => seen.filter(([one]) => one === name).length,
    joined: take('joined'),
    rebalancing: take('rebalancing'),
    crashed: take('crashed'),
    batchFailed: take('batchFailed'),
    batchHandled: take('batchHandled'),
    rewound: take('rewound'),
    recordsLost: take('recordsLost'),
    lossPossible: take('lossPossible'),
    measured: take('measured'),
    held: take('held'),
    released: take('released'),
  };
}
