import { afterEach, describe, expect, inject, it } from 'vitest';
import { DependencyUnavailableError, RecordRefusedError } from '../../src/contracts/errors.ts';
import { EXAMPLE_OUTCOME } from '../../src/contracts/wire/examples.ts';
import { parseOutcome } from '../../src/contracts/wire/outcome.ts';
import { createRecordProducer, type RecordProducer } from '../../src/kafka/producer.ts';
import { createDeadLetterSink, createOutcomeSink } from '../../src/kafka/sinks.ts';
import { makeTopic, ourKafka, producerEvents, readBack, uniqueName } from './support/broker.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

const brokers = inject('kafkaBrokers');
const open: RecordProducer[] = [];

function producer(more: object = {}) {
  const events = producerEvents();
  const one = createRecordProducer({ kafka: ourKafka(brokers), events, logger: silentLogger, ...more });
  open.push(one);
  return { producer: one, events };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (one) => await one.close()));
});

describe('the record producer', () => {
  it('tells for each record of many sends where it really is, with and without keys', async () => {
    const topic = await makeTopic(brokers, { partitions: 5 });
    const { producer: one, events } = producer();
    const records = Array.from({ length: 300 }, (_, index) => ({
      topic,
      key: index % 3 === 0 ? null : `key-${index % 40}`,
      value: Buffer.from(`value-${index}`),
    }));
    const receipts = await Promise.all(records.map(async (record) => await one.publish(record)));
    const places = new Map(
      (await readBack(brokers, topic, 300)).map(({ partition, offset, value }) => [`${partition}/${offset}`, value?.toString()]),
    );
    expect(receipts.map(({ partition, offset }) => places.get(`${partition}/${offset}`))).toEqual(
      records.map(({ value }) => value.toString()),
    );
    expect(events.sends.length, 'many records a send').toBeLessThan(20);
  });

  it('puts a key where the Java client puts it', async () => {
    const topic = await makeTopic(brokers, { partitions: 12 });
    const { producer: one } = producer();
    // kafkajs's default partitioner is tested against the Java client's murmur2; these are its partitions of twelve.
    const partitions = await Promise.all(
      ['21', 'foobar', 'a-little-bit-long-string'].map(async (key) => (await one.publish({ topic, key, value: null })).partition),
    );
    expect(partitions).toEqual([-973932308, -790332482, -985981536].map((hash) => (hash & 0x7fffffff) % 12));
  });

  it('lets one too large record fail alone', async () => {
    const topic = await makeTopic(brokers, { config: { 'max.message.bytes': '20000' } });
    const { producer: one } = producer({ maxBatchBytes: 15_000 });
    const values = Array.from({ length: 20 }, (_, index) => Buffer.alloc(index === 7 ? 30_000 : 100, index));
    const results = await Promise.allSettled(values.map(async (value) => await one.publish({ topic, key: 'k', value })));
    expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([7]);
    expect(results[7]).toMatchObject({ reason: { name: RecordRefusedError.name } });
  });

  it('finds the bad one in a send of many that is refused as a whole', async () => {
    const topic = await makeTopic(brokers, { config: { 'max.message.bytes': '20000' } });
    const { producer: one } = producer();
    const values = Array.from({ length: 20 }, (_, index) => Buffer.alloc(index === 7 ? 30_000 : 100, index));
    const results = await Promise.allSettled(values.map(async (value) => await one.publish({ topic, key: 'k', value })));
    expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([7]);
    expect(await readBack(brokers, topic, 19)).toHaveLength(19);
  });

  it('fails only the records of a topic that does not exist, and sends on', async () => {
    const topic = await makeTopic(brokers);
    const missing = uniqueName('missing');
    const { producer: one } = producer();
    const [lost, kept] = await Promise.allSettled([
      one.publish({ topic: missing, key: null, value: null }),
      one.publish({ topic, key: null, value: Buffer.from('kept') }),
    ]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { name: DependencyUnavailableError.name } });
    expect(kept.status).toBe('fulfilled');
    expect((await one.publish({ topic, key: null, value: null })).offset).toBe('1');
  });

  it('names the clock where the brokers refuse the time of every record', async () => {
    const topic = await makeTopic(brokers, { config: { 'message.timestamp.before.max.ms': '0' } });
    const { producer: one } = producer();
    const refusal = async () => await one.publish({ topic, key: null, value: null }).then(() => undefined, String);
    const text = await until(refusal, { timeoutMs: 10_000, what: 'a record that arrives a millisecond after it was dated' });
    expect(text).toMatch(/^DependencyUnavailableError: .*clock of this machine/);
  });

  it('closing waits for what was published and refuses more', async () => {
    const topic = await makeTopic(brokers);
    const { producer: one } = producer();
    const published = one.publish({ topic, key: null, value: null });
    await one.close();
    expect((await published).offset).toBe('0');
    await expect(one.publish({ topic, key: null, value: null })).rejects.toThrow('closing');
  });
});

describe('the dead-letter sink', () => {
  it('keeps key, value and headers byte for byte: null and binary ones, repeated names', async () => {
    const topic = await makeTopic(brokers);
    const sink = createDeadLetterSink({ producer: producer().producer, topic });
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const headers = new Map([
      ['binary', [every]],
      ['twice', [Buffer.from('a'), Buffer.from([0xff]), Buffer.from('a')]],
      ['empty', [Buffer.alloc(0)]],
    ]);
    await sink.publish({ key: null, value: every, headers });
    await sink.publish({ key: Buffer.alloc(0), value: null, headers: new Map() });
    const [first, second] = await readBack(brokers, topic, 2);
    expect(first?.key).toBeNull();
    expect(first?.value).toEqual(every);
    expect(first?.headers?.['binary']).toEqual(every);
    expect(first?.headers?.['twice']).toEqual([Buffer.from('a'), Buffer.from([0xff]), Buffer.from('a')]);
    expect(first?.headers?.['empty']).toEqual(Buffer.alloc(0));
    expect([second?.key, second?.value]).toEqual([Buffer.alloc(0), null]);
  });
});

describe('the outcome sink', () => {
  it('emits a CloudEvent in binary mode under the key of the verification, with the same bytes each time', async () => {
    const topic = await makeTopic(brokers, { partitions: 3 });
    const sink = createOutcomeSink({ producer: producer().producer, topic, source: '/verdictflow' });
    const receipt = await sink.publish(EXAMPLE_OUTCOME);
    await sink.publish(EXAMPLE_OUTCOME);
    const [first, second] = await readBack(brokers, topic, 2);
    expect(receipt).toEqual({ topic, partition: first?.partition, offset: first?.offset });
    expect(first?.key?.toString()).toBe(EXAMPLE_OUTCOME.verificationId);
    expect(first?.value?.equals(second?.value ?? Buffer.alloc(0))).toBe(true);
    expect(parseOutcome(JSON.parse(first?.value?.toString() ?? ''))).toEqual({ ok: true, value: EXAMPLE_OUTCOME });
    expect(first?.headers?.['ce_id']?.toString()).toBe(`${EXAMPLE_OUTCOME.verificationId}.r1`);
    expect(first?.headers?.['content-type']?.toString()).toBe('application/json');
    expect(first?.headers).toEqual(second?.headers);
  });
});
