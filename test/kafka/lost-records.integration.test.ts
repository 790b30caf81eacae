import { afterEach, describe, expect, inject, it } from 'vitest';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { createSession } from '../../src/kafka/consumer-session.ts';
import { createHolds } from '../../src/kafka/holds.ts';
import { onOutOfRange, type OutOfRange } from '../../src/kafka/patches/out-of-range.ts';
import { createRewinds } from '../../src/kafka/rewinds.ts';
import { withAdmin } from '../support/kafka-admin.ts';
import { until } from '../support/until.ts';
import { consumerEvents, makeTopic, ourKafka, uniqueName } from './support/broker.ts';
import {
  consumer,
  groupAt,
  holding,
  lossesOf,
  numbers,
  produceMany,
  readToEnd,
  stopConsumers,
  taking,
  values,
} from './support/consumer-rig.ts';

afterEach(stopConsumers);

const brokers = inject('kafkaBrokers');

async function deleteUpTo(topic: string, offset: number): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    // kafkajs deletes records only of topics whose leaders this client has asked for.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });
}

/** A topic whose records are 0 … 19, a group that has committed `at`, if anything, and then the first records are deleted. */
async function topicWithout(deleted: number, at?: bigint): Promise<{ topic: string; groupId: string }> {
  const topic = await makeTopic(brokers);
  await produceMany(topic, numbers(0, 20));
  const groupId = at === undefined ? uniqueName('group') : await groupAt(at, { topic });
  if (deleted > 0) await deleteUpTo(topic, deleted);
  return { topic, groupId };
}

describe('records deleted before they were read', () => {
  it('while the service is down are counted, and the rest is read', async () => {
    const { topic, groupId } = await topicWithout(12, 5n);
    const { seen, events, consumer: one } = await readToEnd(topic, { groupId });
    expect(lossesOf(events)).toEqual([['recordsLost', { topic, partition: 0, position: 5n, begin: 12n, atMost: 7n }]]);
    expect(values(seen)).toEqual(numbers(12, 20));
    expect(one.isJoined()).toBe(true);
  });

  it('while a batch waits are counted from the record after it', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    await produceMany(topic, numbers(0, 10));
    const seen: InboundRecord[] = [];
    const { onBatch, goOn } = holding(seen);
    const { consumer: one, events } = consumer({ topic, groupId, onBatch });
    await one.start();
    await until(() => seen.length === 10, { timeoutMs: 15_000, what: 'the first batch' });
    try {
      await produceMany(topic, numbers(10, 30));
      await deleteUpTo(topic, 25);
    } finally {
      goOn();
    }
    await until(() => seen.length === 15, { timeoutMs: 15_000, what: 'what is left' });
    expect(values(seen)).toEqual([...numbers(0, 10), ...numbers(25, 30)]);
    expect(events.seen).toContainEqual(['recordsLost', { topic, partition: 0, position: 10n, begin: 25n, atMost: 15n }]);
    expect(events.count('lossPossible') + events.count('rewound') + events.count('crashed')).toBe(0);
  });

  it('are told of once: a successor begins where reading went on', async () => {
    const { topic, groupId } = await topicWithout(12, 5n);
    const refusing = consumer({ topic, groupId, batchBackoffMs: 50, onBatch: async () => await Promise.reject(new Error('not now')) });
    await refusing.consumer.start();
    await until(() => refusing.events.count('batchFailed') > 0, { timeoutMs: 15_000, what: 'a batch' });
    await refusing.consumer.stop();
    expect(refusing.events.count('recordsLost')).toBe(1);
    const { seen, events } = await readToEnd(topic, { groupId });
    expect([lossesOf(events), values(seen)]).toEqual([[], numbers(12, 20)]);
  });
});

describe('what may have been missed', () => {
  it('is told of a group without a place where the first records are gone, and of no other new group', async () => {
    const old = await readToEnd((await topicWithout(12)).topic);
    expect(lossesOf(old.events)).toEqual([['lossPossible', expect.objectContaining({ partition: 0, begin: 12n, why: 'NO_POSITION' })]]);
    const whole = await readToEnd((await topicWithout(0)).topic);
    expect([lossesOf(whole.events), whole.seen.length]).toEqual([[], 20]);
  });

  it('is told of a group whose place lies beyond the end, and all records there are are read', async () => {
    const { topic, groupId } = await topicWithout(0, 1000n);
    const { seen, events } = await readToEnd(topic, { groupId });
    expect(lossesOf(events)).toEqual([['lossPossible', { topic, partition: 0, position: 1000n, begin: 0n, why: 'LOG_CUT' }]]);
    expect(values(seen)).toEqual(numbers(0, 20));
  });

  it('is nothing when a consumer is sent back to a beginning that is gone, for the group had read further', async () => {
    const { topic, groupId } = await topicWithout(12, 15n);
    const rewinds = createRewinds();
    rewinds.suspect([topic]);
    const found: OutOfRange[] = [];
    const deafen = onOutOfRange((one) => void (one.groupId === groupId && found.push(one)));
    const seen: InboundRecord[] = [];
    const events = consumerEvents();
    const session = createSession({
      kafka: ourKafka(brokers),
      topics: [topic],
      events,
      holds: createHolds(events),
      tuning: { maxWaitMs: 200, sessionTimeoutMs: 10_000 },
      onBatch: taking(seen),
      onGoodBatch: () => undefined,
      onUnknownTopic: () => undefined,
      groupId,
      rewinds,
    });
    try {
      await session.open();
      await until(() => seen.length === 8, { timeoutMs: 15_000, what: 'the records that are there' });
    } finally {
      await session.close();
      deafen();
    }
    expect(found).toEqual([{ groupId, topic, partition: 0, position: 15n, begin: 12n, end: 20n }]);
    expect(values(seen)).toEqual(numbers(12, 20));
  });
});
