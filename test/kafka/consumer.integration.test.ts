import { connect as connectTcp, type Socket } from 'node:net';
import { CompressionTypes, Partitioners } from 'kafkajs';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { EXIT_CODES } from '../../src/contracts/errors.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { testKafka } from '../support/pipeline.ts';
import { until } from '../support/until.ts';
import { committedOffset, makeTopic, ourKafka, uniqueName } from './support/broker.ts';
import { consumer, type Handler, numbers, produceMany, stopConsumers, taking, values } from './support/consumer-rig.ts';

// Not after each test: the others of this file run at the same time.
afterAll(stopConsumers);

const brokers = inject('kafkaBrokers');

describe.concurrent('the consumer', () => {
  it('begins a new group at the first record and commits what was handled', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    await produceMany(topic, numbers(0, 500));
    const seen: InboundRecord[] = [];
    await consumer({ topic, groupId, onBatch: taking(seen) }).consumer.start();
    await until(() => seen.length === 500, { timeoutMs: 15_000, what: 'all records' });
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 500n, { timeoutMs: 5000, what: 'the commit' });
    expect(values(seen)).toEqual(numbers(0, 500));
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
    await expect(one.start()).rejects.toMatchObject({
      exitCode: EXIT_CODES.unavailable,
      message: expect.stringContaining(`missing: topic ${missing}; run \`verdictflow setup\``),
    });
  });

  it('gives up on brokers that are not there, after the start-up time', async () => {
    const { consumer: one } = consumer({
      topic: 't',
      groupId: 'g',
      onBatch: taking([]),
      kafka: ourKafka('127.0.0.1:1'),
      startupLimit: { startupTimeoutMs: 100, limitSetting: 'VF_STARTUP_TIMEOUT' },
    });
    await expect(one.start()).rejects.toThrow('(VF_KAFKA_GROUP_ID) was not joined within 0.1 s (VF_STARTUP_TIMEOUT): ');
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

  it.each(['CreateTime', 'LogAppendTime'])(
    'tells who dated a record of a topic with message.timestamp.type=%s, compressed or not',
    async (type) => {
      const topic = await makeTopic(brokers, { config: { 'message.timestamp.type': type, 'retention.ms': '-1' } });
      const seen: InboundRecord[] = [];
      const { consumer: one } = consumer({ topic, groupId: uniqueName('group'), onBatch: taking(seen) });
      await one.start();
      const producer = testKafka(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      // Older than the retention that brokers give a topic by default: they would delete it at any time.
      const message = { value: 'x', timestamp: '1500000000000' };
      for (const compression of [CompressionTypes.None, CompressionTypes.GZIP])
        await producer.send({ topic, compression, messages: [message, message] });
      await producer.disconnect();
      await until(() => seen.length === 4, { timeoutMs: 10_000, what: 'four records' });
      const isAppendTime = type === 'LogAppendTime';
      expect(seen.map((record) => [record.isAppendTime, record.timestampMs === 1_500_000_000_000])).toEqual(
        seen.map(() => [isAppendTime, !isAppendTime]),
      );
    },
  );

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
