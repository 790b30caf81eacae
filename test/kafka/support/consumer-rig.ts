import { afterEach, inject } from 'vitest';
import type { InboundBatch, InboundRecord } from '../../../src/ingress/ports.ts';
import { type ConsumerOptions, createConsumer, type SupervisedConsumer } from '../../../src/kafka/consumer.ts';
import { produce, testKafka } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { committedOffset, consumerEvents, ourKafka, uniqueName } from './broker.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const brokers = inject('kafkaBrokers');
/** Consumers of the running test, stopped after it. */
export const open: SupervisedConsumer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (one) => await one.stop()));
});

export type Handler = (batch: InboundBatch) => Promise<void>;

export function consumer(options: { topic: string; groupId: string; onBatch: Handler } & Partial<ConsumerOptions>) {
  const events = consumerEvents();
  const one = createConsumer({
    kafka: ourKafka(brokers),
    topics: [options.topic],
    events,
    logger: silentLogger,
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

/** Reads a topic of one partition until the group has committed `end`. */
export async function readToEnd(topic: string, options: { groupId?: string; brokers?: string; end?: bigint } = {}) {
  const { groupId = uniqueName('group'), brokers: at = brokers, end = 20n } = options;
  const seen: InboundRecord[] = [];
  const one = consumer({ topic, groupId, onBatch: taking(seen), kafka: ourKafka(at) });
  await one.consumer.start();
  await until(async () => (await committedOffset(at, { groupId, topic })) === end, { timeoutMs: 20_000, what: 'the commit of the end' });
  return { ...one, seen };
}

/** Commits an offset for a group that nobody is in, as `kafka-consumer-groups.sh` would; kafkajs's admin takes 5 s for it. */
export async function setGroup(at: string, { groupId, topic, offset }: { groupId: string; topic: string; offset: number }): Promise<void> {
  const member = testKafka(at).consumer({ groupId, maxWaitTimeInMs: 100 });
  try {
    await member.connect();
    await member.subscribe({ topic });
    const joined = new Promise((resolve) => void member.on('consumer.group_join', resolve));
    await member.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
    await joined;
    // It would go on at the offset that it commits, and commit what it finds there.
    member.pause([{ topic }]);
    await member.commitOffsets([{ topic, partition: 0, offset: String(offset) }]);
  } finally {
    await member.disconnect();
  }
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
