import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTopics, withAdmin } from '../../src/kafka/admin.ts';
import { createKafka, openKafka } from '../../src/kafka/connect.ts';
import { createKafkaSight } from '../../src/kafka/sight.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';
import { lacking } from '../support/lacking.ts';
import { silentLogger } from '../support/silent-logger.ts';

const TOPICS = { requests: 'requests', hints: 'hints', outcomes: 'outcomes', deadLetters: 'dlq', audit: 'audit', gate: 'gate' };

describe.skipIf(lacking(await whyNoIpv6(), { tests: 'a broker at an IPv6 address' }))('a broker at an IPv6 address', () => {
  let broker: OwnBroker;
  let address: string;
  beforeAll(async () => {
    broker = await startOwnBroker({ further: { protocols: { SIX: 'PLAINTEXT' }, host: '[::1]' } });
    address = broker.listeners['SIX'] ?? '';
  }, 120_000);
  afterAll(() => broker.stop());

  it('is reached, and so is the address at which it says that it is', async () => {
    const kafka = await openKafka({ brokers: [address], ssl: false, logger: silentLogger, startupTimeoutMs: 10_000 });
    expect(await ensureTopics(kafka, [{ topic: 'made-here', partitions: 1, replicationFactor: 1 }])).toEqual(['made-here']);
    const producer = kafka.producer();
    await producer.connect();
    expect(await producer.send({ topic: 'made-here', messages: [{ value: 'a' }] })).toMatchObject([{ errorCode: 0, baseOffset: '0' }]);
    await producer.disconnect();
  });

  it('comes to its turn in a list of which another one is down', async () => {
    const kafka = createKafka({ brokers: ['127.0.0.1:1', address, 'localhost:1'], ssl: false, logger: silentLogger, retries: 3 });
    expect((await withAdmin(kafka, async (admin) => await admin.describeCluster())).brokers).toMatchObject([{ host: '::1' }]);
  });

  it('is named by doctor as it is written in a setting', async () => {
    const sight = createKafkaSight({
      settings: { brokers: [address], ssl: false },
      wishes: { brokers: [address], topics: TOPICS, partitions: 1, replicationFactor: 1, windowMs: 86_400_000 },
      groupId: 'ipv6',
      logger: silentLogger,
    });
    expect(await sight.advertised()).toEqual([address]);
    expect(await sight.broker(address)).toMatchObject({ answers: true });
  });
});

async function whyNoIpv6(): Promise<string | undefined> {
  const server = createServer().listen(0, '::1');
  try {
    await once(server, 'listening');
    return undefined;
  } catch {
    return 'this machine has no address ::1';
  } finally {
    server.close();
  }
}
