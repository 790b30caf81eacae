import { type Kafka, KafkaJSProtocolError } from 'kafkajs';
import { expect, it } from 'vitest';
import { createConsumer } from '../../src/kafka/consumer.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { consumerEvents } from './support/broker.ts';

const UNKNOWN_TOPIC = new KafkaJSProtocolError(
  Object.assign(new Error('unknown topic'), { type: 'UNKNOWN_TOPIC_OR_PARTITION', code: 3, retriable: true }),
);

/** Brokers that know none of the topics, and say so to nobody who asks which there are. */
function silentBrokers(): Kafka {
  const done = async (): Promise<void> => await Promise.resolve();
  const refuse = async (): Promise<never> => await Promise.reject(new Error('no answer'));
  const kafka = {
    consumer: () => ({ on: () => undefined, connect: done, disconnect: done, subscribe: async () => await Promise.reject(UNKNOWN_TOPIC) }),
    admin: () => ({ connect: refuse, disconnect: done }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what a first join uses of kafkajs
  return kafka as unknown as Kafka;
}

it('a first join that nobody can say the missing topics of ends with 69, the limit and its setting', async () => {
  const consumer = createConsumer({
    kafka: silentBrokers(),
    groupId: 'g',
    topics: ['t'],
    onBatch: async () => await Promise.resolve(),
    events: consumerEvents(),
    logger: silentLogger,
    startupLimit: { startupTimeoutMs: 1, limitSetting: 'VF_STARTUP_TIMEOUT' },
    topicGraceMs: 0,
  });
  await expect(consumer.start()).rejects.toMatchObject({
    name: 'DependencyUnavailableError',
    exitCode: 69,
    message:
      'kafka unavailable: group "g" (VF_KAFKA_GROUP_ID) was not joined within 0.001 s (VF_STARTUP_TIMEOUT): KafkaJSProtocolError: unknown topic',
  });
});
