import { describe, expect, inject, it } from 'vitest';
import type { DeadLetter } from '../../src/ingress/ports.ts';
import { largestMessageBytes } from '../../src/kafka/admin.ts';
import { createRecordProducer } from '../../src/kafka/producer.ts';
import { kafkaSetup } from '../../src/kafka/setup.ts';
import { createDeadLetterSink } from '../../src/kafka/sinks.ts';
import { batchOf, recordOf } from '../ingress/support/records.ts';
import { rig } from '../ingress/support/rig.ts';
import { makeTopic, ourKafka, producerEvents, readBack, uniqueName } from './support/broker.ts';
import { silentLogger } from '../support/silent-logger.ts';

const brokers = inject('kafkaBrokers');

describe('a dead-letter topic', () => {
  it.each([
    ['with a limit below the record', { 'max.message.bytes': '20000' }, Buffer.alloc(50_000, 'x'), 1024],
    ['that is compacted, for a record without a key', { 'cleanup.policy': 'compact' }, Buffer.from('not json'), 8],
  ])('%s gets a stub, and ingress goes on', async (_what, config, value, kept) => {
    const topic = await makeTopic(brokers, { config });
    const producer = createRecordProducer({ kafka: ourKafka(brokers), events: producerEvents(), logger: silentLogger });
    try {
      const { ingress, events } = rig({ deadLetters: createDeadLetterSink({ producer, topic }) });
      const batch = batchOf([recordOf(value, { offset: 5n })]);
      await ingress.onBatch(batch);
      expect(batch.commits).toEqual([6n]);
      const [stub] = await readBack(brokers, topic, 1);
      expect([String(stub?.key), stub?.value?.length]).toEqual(['requests/0/5', kept]);
      expect(String(stub?.headers?.['vf-dlq-value-bytes'])).toBe(String(value.length));
      expect(events.named('deadLetterCut')).toHaveLength(1);
    } finally {
      await producer.close();
    }
  });

  it('gets a stub of a record for which the broker hangs up', async () => {
    const topic = await makeTopic(brokers);
    const producer = createRecordProducer({ kafka: ourKafka(brokers), events: producerEvents(), logger: silentLogger });
    try {
      const { ingress, events } = rig({ deadLetters: createDeadLetterSink({ producer, topic }) });
      const batch = batchOf([recordOf(Buffer.alloc(120 * 1024 * 1024), { offset: 5n })]);
      await ingress.onBatch(batch);
      expect(batch.commits).toEqual([6n]);
      const [stub] = await readBack(brokers, topic, 1);
      expect([stub?.value?.length, String(stub?.headers?.['vf-dlq-value-bytes'])]).toEqual([1024, String(120 * 1024 * 1024)]);
      expect(events.named('deadLetterCut')).toHaveLength(1);
    } finally {
      await producer.close();
    }
  }, 120_000);

  it('made by setup takes the largest record of the request topic together with our headers', async () => {
    const kafka = ourKafka(brokers);
    const requests = await makeTopic(brokers, { config: { 'max.message.bytes': '1500000' } });
    const named = (what: string): string => uniqueName(what);
    const topics = {
      requests,
      hints: named('hints'),
      outcomes: named('outcomes'),
      audit: named('audit'),
      gate: named('gate'),
      deadLetters: named('dlq'),
    };
    const config = { brokers: brokers.split(','), ssl: false, groupId: 'g', sessionTimeoutMs: 10_000, partitions: 1, replicationFactor: 1 };
    await kafkaSetup(kafka, { ...config, windowMs: 86_400_000, topics }).make();
    expect(await largestMessageBytes(kafka, [topics.deadLetters])).toBeGreaterThan(1_500_000);
    expect(await largestMessageBytes(kafka, [topics.outcomes])).toBeLessThan(1_500_000);

    const producer = createRecordProducer({ kafka, events: producerEvents(), logger: silentLogger });
    const sink = createDeadLetterSink({ producer, topic: topics.deadLetters });
    const letter: DeadLetter = { key: null, value: Buffer.alloc(1_490_000), headers: new Map([['ours', [Buffer.alloc(6000)]]]) };
    await sink.publish(letter);
    await producer.close();
  });
});
