import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, inject, it } from 'vitest';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { remakeTopic, withAdmin } from '../support/kafka-admin.ts';
import { until } from '../support/until.ts';
import { committedOffset, makeTopic, uniqueName } from './support/broker.ts';
import { consumer, holding, numbers, produceMany, stopConsumers, taking, values } from './support/consumer-rig.ts';

// Not after each test: the others of this file run at the same time.
afterAll(stopConsumers);

const brokers = inject('kafkaBrokers');

/** A consumer that holds the 20 records of the topic's first life, e.g. for want of Temporal, while the second begins. */
async function whileABatchWaits(secondLife: readonly string[]) {
  const topic = await makeTopic(brokers);
  const groupId = uniqueName('group');
  const seen: InboundRecord[] = [];
  const { onBatch, goOn } = holding(seen);
  await produceMany(topic, numbers(0, 20));
  const reader = consumer({ topic, groupId, onBatch });
  await reader.consumer.start();
  await until(() => seen.length === 20, { timeoutMs: 15_000, what: 'the first life of the topic' });
  await remakeTopic({ brokers, topic }, 1);
  await produceMany(topic, secondLife);
  goOn();
  await until(async () => (await committedOffset(brokers, { groupId, topic })) >= 20n, { timeoutMs: 15_000, what: 'the late commit' });
  return { topic, groupId, seen, ...reader };
}

const isTold = (seen: readonly unknown[], event: unknown): boolean => seen.some((one) => isDeepStrictEqual(one, event));

describe.concurrent('a topic deleted and created anew', () => {
  it('while the service runs is read from its beginning', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const seen: InboundRecord[] = [];
    const { consumer: one, events } = consumer({ topic, groupId, onBatch: taking(seen) });
    await produceMany(topic, numbers(0, 20));
    await one.start();
    await until(() => seen.length === 20, { timeoutMs: 15_000, what: 'the first life of the topic' });
    await remakeTopic({ brokers, topic }, 1);
    await produceMany(topic, numbers(100, 150));
    await until(() => numbers(100, 150).every((value) => values(seen).includes(value)), {
      timeoutMs: 60_000,
      what: 'every record of the second life',
    });
    // A reader that was thrown out before it compared tells so only once it has joined again.
    await until(() => isTold(events.seen, ['lossPossible', { topic, partition: 0, why: 'TOPIC_RECREATED' }]), {
      timeoutMs: 30_000,
      what: 'the loss told',
    });
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 50n, { timeoutMs: 10_000, what: 'the commit' });
  });

  it('and filled while a batch waits is read from its beginning, be it filled beyond our position or just up to it', async () => {
    const lives = [numbers(100, 150), numbers(100, 120)];
    const readers = await Promise.all(lives.map(async (life) => ({ life, ...(await whileABatchWaits(life)) })));
    for (const { life, seen, events } of readers) {
      await until(() => life.every((value) => values(seen).includes(value)), {
        timeoutMs: 40_000,
        what: 'every record of the second life',
      });
      expect(events.seen).toContainEqual(['lossPossible', { topic: expect.any(String), partition: 0, why: 'TOPIC_RECREATED' }]);
    }
  });

  it('and filled while a batch waits is read from its beginning by a successor, though the old position was committed since', async () => {
    const { topic, groupId, consumer: first } = await whileABatchWaits(numbers(100, 150));
    await first.stop();
    const seen: InboundRecord[] = [];
    const { consumer: second, events } = consumer({ topic, groupId, onBatch: taking(seen) });
    await second.start();
    await until(() => numbers(100, 150).every((value) => values(seen).includes(value)), {
      timeoutMs: 40_000,
      what: 'every record of the second life',
    });
    // A reader that was thrown out before it compared tells so only once it has joined again.
    await until(() => isTold(events.seen, ['lossPossible', { topic, partition: 0, why: 'TOPIC_RECREATED' }]), {
      timeoutMs: 30_000,
      what: 'the loss told',
    });
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 50n, { timeoutMs: 10_000, what: 'the commit' });
  });

  it('that is the same one is read on where an operator has set the group, whatever was committed before', async () => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    await produceMany(topic, numbers(0, 10));
    const { consumer: one } = consumer({ topic, groupId, onBatch: taking([]) });
    await one.start();
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === 10n, { timeoutMs: 15_000, what: 'the commit' });
    await one.stop();
    await withAdmin(brokers, (admin) => admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '7' }] }));
    const seen: InboundRecord[] = [];
    const { consumer: two } = consumer({ topic, groupId, onBatch: taking(seen) });
    await two.start();
    await until(() => seen.length > 0, { timeoutMs: 15_000, what: 'the rest' });
    expect(values(seen)).toEqual(numbers(7, 10));
  });
});
