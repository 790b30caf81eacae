import type { Kafka } from 'kafkajs';
import type { KafkaConfig } from '../src/config/config.ts';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import { ensureTopics, missingTopics } from '../src/kafka/admin.ts';
import { describeKafkaError } from '../src/kafka/kafka-errors.ts';
import type { SetupPort } from '../src/operator/ports.ts';

/** The four topics. Existing ones stay as they are, whatever their partitions. */
export function kafkaSetup(kafka: Kafka, config: KafkaConfig): SetupPort {
  const what = 'topic';
  const topics = Object.values(config.topics);
  const { partitions, replicationFactor } = config;
  return {
    what,
    inspect: async () =>
      await explained('listed', async () => {
        const missing = await missingTopics(kafka, topics);
        return topics.map((name) => ({ what, name, result: missing.includes(name) ? ('missing' as const) : ('kept' as const) }));
      }),
    make: async () =>
      await explained('created', async () => {
        const made = await ensureTopics(
          kafka,
          topics.map((topic) => ({ topic, partitions, replicationFactor })),
        );
        return topics.map((name) => ({ what, name, result: made.includes(name) ? ('made' as const) : ('kept' as const) }));
      }),
  };
}

async function explained<T>(verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DependencyUnavailableError('kafka', `the topics cannot be ${verb} (${describeKafkaError(error)}); check VF_KAFKA_BROKERS and the rights of the user`, { cause: error });
  }
}
