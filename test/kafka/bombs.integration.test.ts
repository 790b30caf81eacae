import { CompressionTypes, Partitioners } from 'kafkajs';
import { afterEach, expect, inject, it } from 'vitest';
import { createRecordProducer } from '../../src/kafka/producer.ts';
import { createDeadLetterSink } from '../../src/kafka/sinks.ts';
import { rig } from '../ingress/support/rig.ts';
import { testKafka } from '../support/pipeline.ts';
import { until } from '../support/until.ts';
import { committedOffset, makeTopic, ourKafka, producerEvents, readBack, uniqueName } from './support/broker.ts';
import { consumer, stopConsumers } from './support/consumer-rig.ts';
import { silentLogger } from '../support/silent-logger.ts';

afterEach(stopConsumers);

const brokers = inject('kafkaBrokers');
const MIB = 1024 * 1024;
/** `VERDICTFLOW_BOMBS=20` takes some minutes, most of them for making the bombs. */
const BOMBS = Number(process.env['VERDICTFLOW_BOMBS'] ?? 3);

it(`${BOMBS} records in a row that are 120 MiB of zeros, 120 KB on the wire, cost a stub each and no memory; the requests around them are started`, async () => {
  const topic = await makeTopic(brokers);
  const deadLetterTopic = await makeTopic(brokers);
  const groupId = uniqueName('group');
  const raw = testKafka(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await raw.connect();
  const bomb = { value: Buffer.alloc(120 * MIB) };
  const request = (n: number): { value: string } => ({ value: JSON.stringify({ token: `tok-${n}` }) });
  for (let n = 0; n < BOMBS; n += 1)
    await raw.send({ topic, compression: CompressionTypes.GZIP, messages: [request(2 * n), bomb, request(2 * n + 1)] });
  await raw.disconnect();
  bomb.value = Buffer.alloc(0);

  const producer = createRecordProducer({ kafka: ourKafka(brokers), events: producerEvents(), logger: silentLogger });
  const { ingress, orders, events, time } = rig({ deadLetters: createDeadLetterSink({ producer, topic: deadLetterTopic }) });
  // The brokers date the records: a clock months behind them would be waited for.
  time.nowMs = Date.now();
  const before = process.memoryUsage().rss;
  let most = 0;
  const measuring = setInterval(() => (most = Math.max(most, process.memoryUsage().rss - before)), 20);
  try {
    const { consumer: one, events: life } = consumer({ topic, groupId, onBatch: ingress.onBatch });
    await one.start();
    const end = BigInt(3 * BOMBS);
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === end, { timeoutMs: 90_000, what: 'the end' });
    expect(life.count('crashed')).toBe(0);
    expect(orders).toHaveLength(2 * BOMBS);
    expect(events.named('deadLetterCut').map(({ valueBytes }) => valueBytes)).toEqual(Array.from({ length: BOMBS }, () => 120 * MIB));
    expect(await readBack(brokers, deadLetterTopic, BOMBS)).toHaveLength(BOMBS);
    expect(most).toBeLessThan(150 * MIB);
    process.stdout.write(`${BOMBS} bombs: at most ${Math.round(most / MIB)} MiB more\n`);
  } finally {
    clearInterval(measuring);
    await producer.close();
  }
}, 180_000);
