import { connect, createServer } from 'node:net';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { RecordRefusedError } from '../../src/contracts/errors.ts';
import { createRecordProducer } from '../../src/kafka/producer.ts';
import { createRedriveTargets } from '../../src/kafka/redrive-targets.ts';
import { createTopicSource } from '../../src/kafka/topic-source.ts';
import type { SentAgain } from '../../src/operator/dlq/ports.ts';
import { produce } from '../support/pipeline.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { makeTopic, ourKafka, producerEvents, readBack, uniqueName } from './support/broker.ts';

const brokers = inject('kafkaBrokers');
const DAY_MS = 86_400_000;

describe('a topic that is read without a group', () => {
  it('is read although the first connection broke', async () => {
    const topic = await makeTopic(brokers, { partitions: 2 });
    await produce(brokers, topic, [{ value: 'one', partition: 1 }]);
    const [host = '', port = ''] = brokers.split(',')[0]?.split(':') ?? [];
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      if (connections === 1) return void socket.destroy();
      const broker = connect(Number(port), host);
      broker.on('error', () => socket.destroy());
      socket.pipe(broker).pipe(socket);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const source = createTopicSource(ourKafka(`127.0.0.1:${address.port}`, { retries: 0 }));
    try {
      expect(await source.spans(topic)).toEqual([
        { partition: 0, from: 0n, until: 0n },
        { partition: 1, from: 0n, until: 1n },
      ]);
      expect(connections).toBeGreaterThan(1);
    } finally {
      await source.close();
      server.close();
    }
  });
});

describe('a topic to which records are sent again', () => {
  const kafka = ourKafka(brokers);
  const producer = createRecordProducer({ kafka, events: producerEvents(), logger: silentLogger });
  const targets = createRedriveTargets(kafka, producer);
  afterAll(async () => await producer.close());

  it.each([
    ['keeps times for its retention', { 'retention.ms': String(DAY_MS) }, { datesRecords: false, retentionMs: DAY_MS }],
    ['keeps them for ever', { 'retention.ms': '-1' }, { datesRecords: false }],
    ['deletes nothing for its age', { 'cleanup.policy': 'compact' }, { datesRecords: false }],
    ['dates records itself', { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' }, { datesRecords: true }],
  ])('is known to be one that %s', async (_what, config, expected) => {
    const topic = await makeTopic(brokers, { partitions: 2, config });
    expect(await targets.facts([topic, uniqueName('missing')])).toEqual(new Map([[topic, { partitions: 2, ...expected }]]));
  });

  it('that takes none as old gets it dated now if its age does not hang on that, and refuses it otherwise', async () => {
    const topic = await makeTopic(brokers, { config: { 'message.timestamp.before.max.ms': String(DAY_MS) } });
    const old = Date.now() - 2 * DAY_MS;
    const record: SentAgain = { topic, key: null, value: Buffer.from('x'), headerList: [], timestampMs: old, mayBeDatedNow: false };
    await expect(targets.send(record)).rejects.toThrow(RecordRefusedError);
    await targets.send({ ...record, mayBeDatedNow: true });
    const [only, ...more] = await readBack(brokers, topic, 1);
    expect(more).toEqual([]);
    expect(Number(only?.timestamp)).toBeGreaterThan(old + DAY_MS);
  });
});
