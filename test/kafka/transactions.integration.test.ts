import { Partitioners, type Producer, type Transaction } from 'kafkajs';
import { afterAll, expect, inject, it } from 'vitest';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { testKafka } from '../support/pipeline.ts';
import { until } from '../support/until.ts';
import { committedOffset, makeTopic, uniqueName } from './support/broker.ts';
import { consumer, stopConsumers, taking, values } from './support/consumer-rig.ts';

// Not after each test: the others of this file run at the same time.
afterAll(stopConsumers);

const brokers = inject('kafkaBrokers');
const producers: Producer[] = [];

afterAll(async () => {
  await Promise.all(producers.splice(0).map(async (one) => await one.disconnect()));
});

async function producer(transactional = true): Promise<Producer> {
  const one = testKafka(brokers).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    ...(transactional ? { transactionalId: uniqueName('writer'), maxInFlightRequests: 1, idempotent: true } : {}),
  });
  await one.connect();
  producers.push(one);
  return one;
}

/** The key of every marker that aborts a transaction; of a record it is a key like any other. */
const MARKER_KEY = Buffer.alloc(4);

/** Numbers below `below`, the same in every run. */
function dice(first: number): (below: number) => number {
  let state = first;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Interleaves transactions of several producers and plain records on one partition. Returns the values that are to be seen. */
async function interleave(topic: string, { steps, order }: { steps: number; order: number }): Promise<string[]> {
  const roll = dice(order);
  const writers = await Promise.all(Array.from({ length: 5 }, async () => await producer()));
  const plain = await producer(false);
  const open = new Map<Producer, { transaction: Transaction; id: number }>();
  const sent: { value: string; transaction?: number }[] = [];
  const committed = new Set<number | undefined>([undefined]);
  for (let step = 0; step < steps || open.size > 0; step += 1) {
    const writer = writers[roll(writers.length)] ?? plain;
    const current = open.get(writer);
    const message = (what: string) => ({ key: roll(3) === 0 ? MARKER_KEY : null, value: `${what}-${step}`, partition: 0 });
    if (step < steps && roll(5) === 0) {
      const one = message('plain');
      await plain.send({ topic, messages: [one] });
      sent.push({ value: one.value });
    } else if (current === undefined) {
      if (step < steps) open.set(writer, { transaction: await writer.transaction(), id: step });
    } else if (step < steps && roll(3) > 0) {
      const some = [message('first'), message('second')];
      await current.transaction.send({ topic, messages: some });
      sent.push(...some.map(({ value }) => ({ value, transaction: current.id })));
    } else {
      const isKept = roll(2) === 0;
      await (isKept ? current.transaction.commit() : current.transaction.abort());
      if (isKept) committed.add(current.id);
      open.delete(writer);
    }
  }
  return sent.filter(({ transaction }) => committed.has(transaction)).map(({ value }) => value);
}

it.concurrent.each([1, 2, 3])(
  'in order %i of interleaved transactions of five producers every committed record comes through and no aborted one, whatever its key',
  async (order) => {
    const topic = await makeTopic(brokers);
    const groupId = uniqueName('group');
    const wanted = await interleave(topic, { steps: 120, order });
    const seen: InboundRecord[] = [];
    const { consumer: one, events } = consumer({ topic, groupId, onBatch: taking(seen) });
    await one.start();
    await until(() => events.seen.some(([name, details]) => name === 'measured' && Reflect.get(details, 'lag') === 0n), {
      timeoutMs: 30_000,
      what: 'lag 0',
    });
    expect(values(seen)).toEqual(wanted);
    expect(wanted.length).toBeGreaterThan(20);
  },
);

it.concurrent('past transactions that were all aborted the group commits to the very end', async () => {
  const topic = await makeTopic(brokers);
  const groupId = uniqueName('group');
  const writer = await producer();
  for (let n = 0; n < 3; n += 1) {
    const transaction = await writer.transaction();
    await transaction.send({ topic, messages: [{ value: `aborted-${n}` }] });
    await transaction.abort();
  }
  const seen: InboundRecord[] = [];
  const { consumer: one } = consumer({ topic, groupId, onBatch: taking(seen) });
  await one.start();
  await until(async () => (await committedOffset(brokers, { groupId, topic })) === 6n, { timeoutMs: 15_000, what: 'the end' });
  expect(seen).toEqual([]);
});

it.concurrent('an open transaction that holds everything behind it is told, with the place, the time and the true lag, until it ends', async () => {
  const topic = await makeTopic(brokers, { partitions: 2 });
  const [writer, plain] = [await producer(), await producer(false)];
  await plain.send({ topic, messages: [{ value: 'before', partition: 0 }] });
  const transaction = await writer.transaction();
  await transaction.send({ topic, messages: [{ value: 'within', partition: 0 }] });
  await plain.send({ topic, messages: [{ value: 'behind', partition: 0 }] });
  const seen: InboundRecord[] = [];
  const { consumer: one, events } = consumer({ topic, groupId: uniqueName('group'), onBatch: taking(seen) });
  const beganAtMs = Date.now();
  await one.start();
  await until(() => one.holds().length > 0, { timeoutMs: 20_000, what: 'the hold to be told' });
  const [hold] = one.holds();
  expect(hold).toMatchObject({ topic, partition: 0, why: 'OPEN_TRANSACTION', offset: 1n });
  expect((hold?.sinceMs ?? 0) - beganAtMs).toBeLessThan(5000);
  expect(values(seen)).toEqual(['before']);
  await until(() => events.seen.filter(([name]) => name === 'measured').at(-1) !== undefined, { timeoutMs: 5000, what: 'a measure' });
  const measures = events.seen.flatMap(([name, details]) => (name === 'measured' ? [details] : []));
  expect(measures.filter((one_) => Reflect.get(one_, 'partition') === 0).at(-1)).toEqual({ topic, partition: 0, lag: 2n });
  await plain.send({ topic, messages: [{ value: 'elsewhere', partition: 1 }] });
  await until(() => values(seen).includes('elsewhere'), { timeoutMs: 10_000, what: 'the other partition to go on' });
  await transaction.commit();
  await until(() => seen.length === 4, { timeoutMs: 10_000, what: 'what was held back' });
  expect(one.holds()).toEqual([]);
  expect([events.count('held'), events.count('released')]).toEqual([1, 1]);
});
