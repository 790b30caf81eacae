import { afterEach, expect, inject, it } from 'vitest';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { until } from '../support/until.ts';
import { committedOffset, makeTopic, uniqueName } from './support/broker.ts';
import { consumer, numbers, produceMany, stopConsumers, taking, values } from './support/consumer-rig.ts';
import { FOREIGN_PRODUCERS, foreignValues } from './support/foreign.ts';

afterEach(stopConsumers);

const brokers = inject('kafkaBrokers');
/** `VERDICTFLOW_FOREIGN_RECORDS=10000`: so many of each codec by Kafka's Java client (needs a JDK) and by librdkafka (from PyPI). */
const FOREIGN = Number(process.env['VERDICTFLOW_FOREIGN_RECORDS'] ?? 0);

if (FOREIGN === 0) process.stdout.write('foreign producers: not run; VERDICTFLOW_FOREIGN_RECORDS=10000 runs them\n');

it('a topic of any compression.type is read, as the broker writes it with the classes of the Java client', async () => {
  const codecs = ['gzip', 'snappy', 'lz4', 'zstd'];
  const topics = await Promise.all(codecs.map(async (codec) => await makeTopic(brokers, { config: { 'compression.type': codec } })));
  const wanted = numbers(0, 300).map((n) => JSON.stringify({ token: `tok-${n}`, noise: 'ab'.repeat(Number(n)) }));
  await Promise.all(topics.map(async (topic) => await produceMany(topic, wanted)));
  const seen: InboundRecord[] = [];
  const { consumer: one, events } = consumer({ topic: '', topics, groupId: uniqueName('group'), onBatch: taking(seen) });
  await one.start();
  await until(() => seen.length >= codecs.length * wanted.length || events.count('crashed') > 0, {
    timeoutMs: 30_000,
    what: 'all records',
  });
  expect(events.count('crashed')).toBe(0);
  for (const topic of topics) expect(values(seen.filter((record) => record.topic === topic))).toEqual(wanted);
});

it.each(FOREIGN > 0 ? (['java', 'rd'] as const) : [])(
  `${FOREIGN} records of each codec, one after another on one partition, are read as %s wrote them`,
  async (producer) => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const wanted = foreignValues(producer, FOREIGN);
    await FOREIGN_PRODUCERS[producer]({ brokers, topic, count: FOREIGN });
    const seen: InboundRecord[] = [];
    const { consumer: one, events } = consumer({ topic, groupId, onBatch: taking(seen) });
    const beganAtMs = performance.now();
    await one.start();
    await until(() => seen.length >= wanted.length || events.count('crashed') > 0, { timeoutMs: 120_000, what: 'all records' });
    const tookMs = performance.now() - beganAtMs;
    expect(events.count('crashed')).toBe(0);
    expect(seen.map(({ value }) => (value === null ? null : String(value)))).toEqual(wanted);
    await until(async () => (await committedOffset(brokers, { groupId, topic })) === BigInt(wanted.length), {
      timeoutMs: 10_000,
      what: 'the end to be committed',
    });
    process.stdout.write(
      `${producer}: ${wanted.length} records of 5 codecs, none wrong, in ${Math.round(tookMs)} ms on ${process.version}\n`,
    );
  },
  300_000,
);
