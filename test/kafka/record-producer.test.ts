import { type Kafka, KafkaJSProtocolError, type Message, type ProducerConfig } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, RecordRefusedError } from '../../src/contracts/errors.ts';
import { createRecordProducer } from '../../src/kafka/producer.ts';
import { until } from '../support/until.ts';
import { producerEvents } from './support/broker.ts';
import { silentLogger } from '../support/silent-logger.ts';

type Answer = 'ok' | 'lost' | 'never' | 'no-connection' | 'silent' | Error;

/** A kafkajs client whose sends behave as told, one answer after another; then all succeed. */
function fakeKafka(answers: Answer[]) {
  const log: string[] = [];
  const configs: ProducerConfig[] = [];
  let made = 0;
  let inFlight = 0;
  const next = (): Answer => answers.shift() ?? 'ok';
  const kafka = {
    producer: (config: ProducerConfig) => {
      configs.push(config);
      const id = (made += 1);
      const choose = config.createPartitioner?.();
      let offset = 0;
      return {
        connect: async () => {
          log.push(`connect ${id}`);
          if (answers[0] === 'no-connection') {
            next();
            throw new Error('refused');
          }
          if (answers[0] === 'silent') await new Promise<never>(() => void next());
          await Promise.resolve();
        },
        disconnect: async () => await Promise.resolve(void log.push(`disconnect ${id}`)),
        send: async ({ topic, messages }: { topic: string; messages: Message[] }) => {
          inFlight += 1;
          log.push(`send ${id} x${messages.length}${inFlight > 1 ? ' OVERLAPPING' : ''}`);
          for (const message of messages)
            choose?.({
              topic,
              message,
              partitionMetadata: [{ partitionId: 0, leader: 0, isr: [0], replicas: [0], partitionErrorCode: 0 }],
            });
          await new Promise((resolve) => setTimeout(resolve, 5));
          inFlight -= 1;
          const answer = next();
          if (answer === 'never') await new Promise<never>(() => undefined);
          if (answer === 'lost') throw new Error('timeout');
          if (answer instanceof Error) throw answer;
          const baseOffset = String(offset);
          offset += messages.length;
          return [{ topicName: topic, partition: 0, errorCode: 0, baseOffset }];
        },
      };
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the producer uses of kafkajs
  return { kafka: kafka as unknown as Kafka, log, configs };
}

function publisher(answers: Answer[], more: object = {}) {
  const fake = fakeKafka(answers);
  const producer = createRecordProducer({ kafka: fake.kafka, events: producerEvents(), logger: silentLogger, sendTimeoutMs: 200, ...more });
  const publish = async (topic = 't') => await producer.publish({ topic, key: null, value: Buffer.from('v') });
  return { ...fake, producer, publish };
}

function refusal(type: string): KafkaJSProtocolError {
  return new KafkaJSProtocolError(Object.assign(new Error('refused'), { type, code: 1, retriable: false }));
}

describe('the record producer', () => {
  it('has one send in flight, and sends what came meanwhile together', async () => {
    const { publish, log } = publisher([]);
    const first = publish();
    await until(() => log.some((line) => line.startsWith('send')), { timeoutMs: 1000, everyMs: 1, what: 'the first send' });
    const rest = Array.from({ length: 9 }, async () => await publish());
    expect((await Promise.all([first, ...rest])).map(({ offset }) => offset)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(log).toEqual(['connect 1', 'send 1 x1', 'send 1 x9']);
  });

  it('throws the producer away after a failed send and builds a new one (defect B)', async () => {
    const { publish, log } = publisher(['lost']);
    await expect(publish()).rejects.toThrow('kafka unavailable');
    expect((await publish()).offset).toBe('0');
    expect(log.filter((line) => line !== 'disconnect 1')).toEqual(['connect 1', 'send 1 x1', 'connect 2', 'send 2 x1']);
  });

  it('is not idempotent in the sense of Kafka: kafkajs would acknowledge records it never wrote (defect B)', async () => {
    const { publish, configs } = publisher([]);
    await publish();
    expect(configs[0]).toMatchObject({ idempotent: false, allowAutoTopicCreation: false, maxInFlightRequests: 1 });
    expect(configs[0]?.retry?.retries).toBeLessThan(10);
  });

  it('gives up on a send that never answers, and does not wait for it', async () => {
    const { publish } = publisher(['never']);
    await expect(publish()).rejects.toThrow('no acknowledgement within 200 ms');
    await expect(publish()).resolves.toMatchObject({ offset: '0' });
  });

  it('says that there is no connection, not that an acknowledgement is missing, if it cannot connect', async () => {
    const { publish, log } = publisher(['silent']);
    await expect(publish()).rejects.toThrow('no connection within 200 ms');
    expect(log).toEqual(['connect 1']);
  });

  it('without a connection fails all that wait, at once', async () => {
    const { publish, log } = publisher(['no-connection'], { maxBatchRecords: 2 });
    const results = await Promise.allSettled(Array.from({ length: 6 }, async () => await publish()));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(log.filter((line) => line.startsWith('connect'))).toHaveLength(1);
  });

  it('splits a send that is refused for one record', async () => {
    const tooLarge = refusal('MESSAGE_TOO_LARGE');
    const { publish, log } = publisher([tooLarge, tooLarge, tooLarge]);
    const results = await Promise.allSettled(Array.from({ length: 4 }, async () => await publish()));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(log.filter((line) => line.startsWith('send')).map((line) => line.split(' x')[1])).toEqual(['4', '2', '1', '1', '2']);
  });

  it.each(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])('blames %s on the record', async (type) => {
    await expect(publisher([refusal(type)]).publish()).rejects.toThrow(RecordRefusedError);
  });

  it('blames a time that the brokers refuse on the clock it is taken from, not on the records, which all have it', async () => {
    const { publish, log } = publisher([refusal('INVALID_TIMESTAMP')]);
    const results = await Promise.allSettled(Array.from({ length: 4 }, async () => await publish()));
    for (const result of results)
      expect(result).toMatchObject({ reason: { name: DependencyUnavailableError.name, message: expect.stringContaining('clock') } });
    expect(log.filter((line) => line.startsWith('send'))).toEqual(['send 1 x4']);
  });

  it.each([
    ['acknowledged', 'ok' as const],
    ['lost', 'lost' as const],
  ])('takes a record published in the very moment the one before is %s', { timeout: 2000 }, async (_what, answer) => {
    const { producer, log } = publisher([answer]);
    const record = { topic: 't', key: null, value: Buffer.from('v') };
    try {
      await producer.publish(record);
    } catch {
      // The next one follows all the same, as a caller's own retry would.
    }
    await producer.publish(record);
    expect(log.filter((line) => line.startsWith('send'))).toHaveLength(2);
  });

  it('does not mix topics in one send', async () => {
    const { publish, log } = publisher([]);
    await Promise.all(['a', 'b', 'a', 'b'].map(async (topic) => await publish(topic)));
    expect(log.filter((line) => line.startsWith('send'))).toEqual(['send 1 x2', 'send 1 x2']);
  });
});
