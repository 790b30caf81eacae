import { connect, type Socket } from 'node:net';
import { afterEach, expect, inject, it } from 'vitest';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { until } from '../support/until.ts';
import { committedOffset, makeTopic, ourKafka, uniqueName } from './support/broker.ts';
import { consumer, produceMany, stopConsumers, taking, values } from './support/consumer-rig.ts';

afterEach(stopConsumers);

const brokers = inject('kafkaBrokers');

/** Sockets on which a text that is to arrive has a bit flipped, as long as `isOn`. */
function flipping(text: string) {
  const state = { isOn: true };
  const create = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket => {
    const socket = connect({ host, port }, onConnect);
    const emit = socket.emit.bind(socket);
    socket.emit = (event: string, ...rest: unknown[]) => {
      const [chunk] = rest;
      const at = event === 'data' && state.isOn && Buffer.isBuffer(chunk) ? chunk.indexOf(text) : -1;
      if (at >= 0 && Buffer.isBuffer(chunk)) chunk.writeUInt8(chunk.readUInt8(at) ^ 1, at);
      return emit(event, ...rest);
    };
    return socket;
  };
  return { state, create };
}

it('what cannot be read holds its own partition, by name, and no other; nothing is skipped, and it goes on once it can be read', async () => {
  const topic = await makeTopic(brokers, { partitions: 2 });
  const groupId = uniqueName('group');
  const { state, create } = flipping('brittle');
  await produceMany(topic, ['a', 'b'], 0);
  await produceMany(topic, ['brittle'], 0);
  await produceMany(topic, ['c'], 0);
  const seen: InboundRecord[] = [];
  const kafka = ourKafka(brokers, { socketFactory: create });
  const { consumer: one, events } = consumer({ topic, groupId, onBatch: taking(seen), kafka, unreadableRetryMs: 500 });
  await one.start();
  await until(() => one.holds().length > 0, { timeoutMs: 10_000, what: 'the hold' });
  expect(one.holds()).toMatchObject([{ topic, partition: 0, offset: 2n, why: 'UNREADABLE' }]);
  expect(one.holds()[0]?.detail).toMatch(/the checksum is wrong.*move the group past it, to offset 3/);
  await produceMany(topic, ['d', 'e'], 1);
  await until(() => seen.length === 4, { timeoutMs: 10_000, what: 'the other partition' });
  expect(await committedOffset(brokers, { groupId, topic })).toBe(2n);
  expect([events.count('crashed'), events.count('held'), one.isJoined()]).toEqual([0, 1, true]);
  state.isOn = false;
  await until(() => seen.length === 6, { timeoutMs: 10_000, what: 'the rest of the partition' });
  expect(values(seen.filter(({ partition }) => partition === 0))).toEqual(['a', 'b', 'brittle', 'c']);
  expect([events.count('released'), one.holds()]).toEqual([1, []]);
});
