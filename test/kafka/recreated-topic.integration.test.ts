import { describe, expect, inject, it } from 'vitest';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { testKafka } from '../support/pipeline.ts';
import { until } from '../support/until.ts';
import { committedOffset, deleteTopic, makeTopic, uniqueName } from './support/broker.ts';

const brokers = inject('kafkaBrokers');
import { consumer, numbers, produceMany, taking, values } from './support/consumer-rig.ts';

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
