import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { createIngress } from '../../src/ingress/handle-batch.ts';
import type { InboundBatch, InboundRecord, StartOrder } from '../../src/ingress/ports.ts';
import { createConsumer } from '../../src/kafka/consumer.ts';
import type { ConsumerOptions, SupervisedConsumer } from '../../src/kafka/consumer.ts';
import { createDeadLetterSink } from '../../src/kafka/dead-letter-sink.ts';
import { MissingTopicsError } from '../../src/kafka/kafka-errors.ts';
import { lag } from '../../src/kafka/admin.ts';
import { createRecordProducer } from '../../src/kafka/outcome-producer.ts';
import { createSystemClock } from '../../src/kafka/system-clock.ts';
import { POLICY, RETENTION_MS } from '../ingress/support/records.ts';
import { recordEvents } from '../ingress/support/rig.ts';
import { produce, testKafka } from '../support/pipeline.ts';
import { until } from '../support/until.ts';
import {
  committedOffset,
  consumerEvents,
  deleteTopic,
  makeTopic,
  ourKafka,
  producerEvents,
  readBack,
  silent,
  uniqueName,
} from './support/broker.ts';

const brokers = inject('kafkaBrokers');
const open: SupervisedConsumer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (one) => await one.stop()));
});

type Handler = (batch: InboundBatch) => Promise<void>;

function consumer(options: { topic: string; groupId: string; onBatch: Handler } & Partial<ConsumerOptions>) {
  const events = consumerEvents();
  const one = createConsumer({
    kafka: ourKafka(brokers),
    topics: [options.topic],
    events,
    logger: silent,
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
function taking(seen: InboundRecord[]): Handler {
  return async (batch) => {
    seen.push(...batch.records);
    await batch.heartbeat();
    await batch.commit(batch.endOffset);
  };
}

async function produceMany(topic: string, values: readonly string[], partition = 0): Promise<void> {
  await produce(
    brokers,
    topic,
    values.map((value) => ({ key: null, value, partition })),
  );
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}

function values(records: readonly InboundRecord[]): string[] {
  return records.map(({ value }) => String(value));
}

describe('the consumer', () => {
  it('begins a new group at the first record and commits what was handled', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    await produceMany(topic, numbers(0, 500));
    const seen: InboundRecord[] = [];
    await consumer({ topic, groupId, onBatch: taking(seen) }).consumer.start();
    await until(() => seen.length === 500, { timeoutMs: 15_000, what: 'all records' });
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 500n, { timeoutMs: 5000, what: 'the commit' });
    expect(values(seen)).toEqual(numbers(0, 500));
    expect(await lag(testKafka(brokers), { groupId, topics: [topic] })).toEqual([
      { topic, partition: 0, committed: 500n, start: 0n, end: 500n, lag: 0n },
    ]);
  });

  it('names the missing topics instead of waiting for them', async () => {
    const topic = await makeTopic(brokers);
    const missing = uniqueName('missing');
    const { consumer: one } = consumer({
      topic,
      topics: [topic, missing],
      groupId: uniqueName('group'),
      onBatch: taking([]),
      topicGraceMs: 300,
    });
    const failure = await one.start().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(MissingTopicsError);
    expect(failure).toMatchObject({ topics: [missing] });
  });

  it('gives up on brokers that are not there, after the start-up time', async () => {
    const { consumer: one } = consumer({
      topic: 't',
      groupId: 'g',
      onBatch: taking([]),
      kafka: ourKafka('127.0.0.1:1'),
      startupTimeoutMs: 100,
    });
    await expect(one.start()).rejects.toThrow('kafka unavailable');
  });

  it('goes on when another member joins in the middle of a batch (defect A: a commit during a rebalance)', async () => {
    const topic = await makeTopic(brokers, { partitions: 2 });
    const groupId = uniqueName('group');
    for (const partition of [0, 1]) await produceMany(topic, numbers(0, 40), partition);
    const seen: InboundRecord[] = [];
    const slow: Handler = async (batch) => {
      for (const record of batch.records) {
        if (!batch.isCurrent()) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
        seen.push(record);
        await batch.commit(record.offset + 1n);
      }
    };
    const first = consumer({ topic, groupId, onBatch: slow });
    await first.consumer.start();
    await until(() => seen.length > 3, { timeoutMs: 10_000, what: 'the first records' });
    const second = consumer({ topic, groupId, onBatch: slow });
    await second.consumer.start();
    await until(() => new Set(seen.map(({ partition, offset }) => `${partition}/${offset}`)).size === 80, {
      timeoutMs: 40_000,
      what: 'every record of both partitions',
    });
    expect(first.events.count('rebalancing')).toBeGreaterThan(0);
    expect(first.events.count('crashed')).toBe(0);
    await until(async () => (await committedOffset(brokers, { groupId, topic, partition: 1 })) === 40n, {
      timeoutMs: 10_000,
      what: 'the last commit',
    });
  });

  it('survives handler errors of any kind: it reads the batch again (defects C and D)', async () => {
    const topic = await makeTopic(brokers);
    await produceMany(topic, numbers(0, 5));
    let failures = 0;
    const seen: InboundRecord[] = [];
    const handler: Handler = async (batch) => {
      failures += 1;
      if (failures <= 8) throw new TypeError('a bug');
      await taking(seen)(batch);
    };
    const { consumer: one, events } = consumer({ topic, groupId: uniqueName('group'), onBatch: handler, batchBackoffMs: 50 });
    await one.start();
    await until(() => seen.length === 5, { timeoutMs: 15_000, what: 'the records' });
    expect(events.count('batchFailed')).toBe(8);
    expect(events.count('crashed')).toBe(0);
  });

  it('shows that it is cut off, is built anew however long kafkajs would sit out its back-offs, and loses nothing', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const sockets = new Set<Socket>();
    let isCut = false;
    const kafka = ourKafka(brokers, {
      socketFactory: ({ host, port, onConnect }) => {
        const socket = connectTcp({ host, port: isCut ? 1 : port }, onConnect);
        sockets.add(socket);
        return socket;
      },
    });
    const seen: InboundRecord[] = [];
    const { consumer: one, events } = consumer({ topic, groupId, onBatch: taking(seen), kafka, sessionTimeoutMs: 6000 });
    await produceMany(topic, numbers(0, 3));
    await one.start();
    await until(() => seen.length === 3, { timeoutMs: 10_000, what: 'the first records' });
    isCut = true;
    for (const socket of sockets) socket.destroy();
    await produceMany(topic, numbers(3, 6));
    await until(() => !one.isJoined(), { timeoutMs: 15_000, what: 'it to show' });
    await until(() => events.count('crashed') > 0, { timeoutMs: 40_000, what: 'the consumer to be given up' });
    isCut = false;
    await until(() => new Set(values(seen)).size === 6, { timeoutMs: 60_000, what: 'all records' });
    expect(one.isJoined()).toBe(true);
  });

  it('leaves the group when it is stopped, also while it is still joining, also twice', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const { consumer: one } = consumer({ topic, groupId, onBatch: taking([]) });
    const starting = one.start();
    await Promise.all([one.stop(), one.stop(), starting.catch(() => undefined)]);
    const members = async () => (await testKafkaGroup(groupId)).length;
    await until(async () => (await members()) === 0, { timeoutMs: 10_000, what: 'the group to be empty' });
    expect(one.isJoined()).toBe(false);
  });
});

async function testKafkaGroup(groupId: string): Promise<readonly unknown[]> {
  const admin = testKafka(brokers).admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([groupId]);
  await admin.disconnect();
  return groups[0]?.members ?? [];
}

describe('a topic deleted and created anew', () => {
  it('while the service runs is read from its beginning', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const seen: InboundRecord[] = [];
    const { consumer: one, events } = consumer({ topic, groupId, onBatch: taking(seen) });
    await produceMany(topic, numbers(0, 20));
    await one.start();
    await until(() => seen.length === 20, { timeoutMs: 15_000, what: 'the first life of the topic' });
    await deleteTopic(brokers, topic);
    await makeTopic(brokers, { topic });
    await produceMany(topic, numbers(100, 150));
    await until(() => numbers(100, 150).every((value) => values(seen).includes(value)), {
      timeoutMs: 60_000,
      what: 'every record of the second life',
    });
    expect(events.count('rewound')).toBeGreaterThan(0);
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 50n, { timeoutMs: 10_000, what: 'the commit' });
  });

  it('while the service is down is read from its beginning though the group has committed beyond its end', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const admin = testKafka(brokers).admin();
    await produceMany(topic, numbers(0, 10));
    await admin.connect();
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1000' }] });
    await admin.disconnect();
    const seen: InboundRecord[] = [];
    const { consumer: one, events } = consumer({ topic, groupId, onBatch: taking(seen) });
    await one.start();
    await until(() => seen.length === 10, { timeoutMs: 30_000, what: 'all records' });
    expect(events.seen.find(([name]) => name === 'rewound')?.[1]).toMatchObject({ topic, partition: 0, why: 'OUT_OF_RANGE' });
  });
});

describe('ingress over the consumer', () => {
  it('after being cut off in the midst of a batch, another member begins at the first record not durable', async () => {
    const topic = await makeTopic(brokers);
    const deadLetterTopic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const producer = createRecordProducer({ kafka: ourKafka(brokers), events: producerEvents(), logger: silent });
    await produce(
      brokers,
      topic,
      numbers(0, 30).map((index) => ({ key: null, value: index === '5' ? 'not json' : JSON.stringify({ token: `tok-${index}` }) })),
    );
    const starts = new Map<string, number>();
    const ingress = (start: (order: StartOrder) => Promise<'STARTED'>) =>
      createIngress({
        settings: { hintTopic: 'none', retentionMs: RETENTION_MS * 1000, policyFor: () => POLICY, groupId, vendorRegion: 'sgp' },
        starter: {
          start: async (order) => {
            starts.set(order.origin.offset, (starts.get(order.origin.offset) ?? 0) + 1);
            return await start(order);
          },
        },
        hintSender: { send: async () => await Promise.resolve('DELIVERED' as const) },
        deadLetters: createDeadLetterSink({ producer, topic: deadLetterTopic }),
        sealer: { seal: () => 'sealed' },
        admission: { acquire: async () => await Promise.resolve(), release: () => undefined },
        startsWithRead: () => false,
        clock: createSystemClock(),
        events: recordEvents(),
        sliceMs: 100,
      });
    // Record 12 is never acknowledged to the first process.
    const stuck = ingress(async ({ origin }) => (origin.offset === '12' ? await new Promise<never>(() => undefined) : 'STARTED'));
    const sockets = new Set<Socket>();
    const kafka = ourKafka(brokers, {
      socketFactory: ({ host, port, onConnect }) => {
        const socket = connectTcp({ host, port }, onConnect);
        sockets.add(socket);
        return socket;
      },
    });
    const first = consumer({ topic, groupId, onBatch: stuck.onBatch, kafka, sessionTimeoutMs: 6000 });
    await first.consumer.start();
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 12n, { timeoutMs: 15_000, what: 'the low watermark' });
    expect(starts.size).toBe(29);
    open.splice(0);
    const stopping = first.consumer.stop();
    for (const socket of sockets) socket.destroy();
    const healthy = ingress(async () => await Promise.resolve('STARTED' as const));
    await consumer({ topic, groupId, onBatch: healthy.onBatch }).consumer.start();
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 30n, { timeoutMs: 40_000, what: 'the end' });
    expect(Math.min(...numbers(12, 30).map((offset) => starts.get(offset) ?? 0)), 'redelivered from record 12').toBe(2);
    expect(starts.get('11')).toBe(1);
    const [letter] = await readBack(brokers, deadLetterTopic, 1);
    expect(letter?.value?.toString()).toBe('not json');
    await producer.close();
    void stopping;
  });
});
