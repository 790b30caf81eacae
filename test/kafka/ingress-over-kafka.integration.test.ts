import { connect as connectTcp, type Socket } from 'node:net';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { createSystemClock } from '../../src/async/sleep.ts';
import { createIngress } from '../../src/ingress/batch.ts';
import type { StartOrder } from '../../src/ingress/ports.ts';
import { createRecordProducer } from '../../src/kafka/producer.ts';
import { createDeadLetterSink } from '../../src/kafka/sinks.ts';
import { POLICY, RETENTION_MS } from '../ingress/support/records.ts';
import { recordEvents } from '../ingress/support/rig.ts';
import { produce } from '../support/pipeline.ts';
import { until } from '../support/until.ts';
import { committedOffset, makeTopic, ourKafka, producerEvents, readBack, uniqueName } from './support/broker.ts';
import { consumer, numbers, open, stopConsumers } from './support/consumer-rig.ts';
import { silentLogger } from '../support/silent-logger.ts';

afterEach(stopConsumers);

const brokers = inject('kafkaBrokers');

describe('ingress over the consumer', () => {
  it('after being cut off in the midst of a batch, another member begins at the first record not durable', async () => {
    const topic = await makeTopic(brokers);
    const deadLetterTopic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const producer = createRecordProducer({ kafka: ourKafka(brokers), events: producerEvents(), logger: silentLogger });
    await produce(
      brokers,
      topic,
      numbers(0, 30).map((index) => ({ key: null, value: index === '5' ? 'not json' : JSON.stringify({ token: `tok-${index}` }) })),
    );
    const starts = new Map<string, number>();
    const ingress = (start: (order: StartOrder) => Promise<'STARTED'>) =>
      createIngress({
        settings: {
          hintTopic: 'none',
          trustHints: false,
          retentionMs: RETENTION_MS * 1000,
          policyFor: () => POLICY,
          groupId,
          vendorRegion: 'sgp',
        },
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
