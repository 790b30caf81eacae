import type { Kafka } from 'kafkajs';
import { untilSettled } from '../async/until-settled.ts';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { SetupPort } from '../operator/ports.ts';
import { ensureTopics, largestMessageBytes, missingTopics } from './admin.ts';
import { describeKafkaError, protocolTypeOf } from './errors.ts';
import { DEAD_LETTER_OVERHEAD_BYTES } from './sinks.ts';

export type TopicSettings = {
  readonly topics: Readonly<Record<'requests' | 'hints' | 'outcomes' | 'deadLetters' | 'audit', string>>;
  /** What a topic gets that is made here. */
  readonly partitions: number;
  readonly replicationFactor: number;
};

/** The topics of the service. Existing ones stay as they are, whatever their partitions. */
export function kafkaSetup(kafka: Kafka, settings: TopicSettings): SetupPort {
  const what = 'topic';
  const topics = Object.values(settings.topics);
  const { partitions, replicationFactor } = settings;
  return {
    what,
    inspect: async () =>
      await explained('listed', async () => {
        const missing = await missingTopics(kafka, topics);
        return topics.map((name) => ({ what, name, result: missing.includes(name) ? ('missing' as const) : ('kept' as const) }));
      }),
    make: async () =>
      await explained('created', async () => {
        const before = await missingTopics(kafka, topics);
        const { deadLetters, ...others } = settings.topics;
        const specs = Object.values(others).map((topic) => ({ topic, partitions, replicationFactor }));
        await untilSpread(() => ensureTopics(kafka, specs));
        if (before.includes(deadLetters)) {
          const spec = { topic: deadLetters, partitions, replicationFactor, config: await deadLetterConfig(kafka, settings) };
          await untilSpread(() => ensureTopics(kafka, [spec]));
        }
        return topics.map((name) => ({ what, name, result: before.includes(name) ? ('made' as const) : ('kept' as const) }));
      }),
  };
}

/** A dead letter is the record plus our headers: with the limit of its own topic the largest bad record would never fit. */
async function deadLetterConfig(kafka: Kafka, { topics }: TopicSettings): Promise<Record<string, string>> {
  const largest = (await untilSpread(() => largestMessageBytes(kafka, [topics.requests, topics.hints]))) ?? 0;
  return { 'max.message.bytes': String(Math.max(DEFAULT_MAX_MESSAGE_BYTES, largest) + DEAD_LETTER_OVERHEAD_BYTES) };
}

/** Kafka's own default of `max.message.bytes`. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

/** A broker may not know a topic yet that another one has just created: kafkajs then fails although the topic is there. */
async function untilSpread<T>(work: () => Promise<T>): Promise<T> {
  const isPassing = (error: unknown): boolean =>
    ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'].includes(protocolTypeOf(error) ?? '');
  return await untilSettled(work, { isPassing, everyMs: 500, atMostMs: 15_000 });
}

async function explained<T>(verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DependencyUnavailableError(
      'kafka',
      `the topics cannot be ${verb} (${describeKafkaError(error)}); check VF_KAFKA_BROKERS and the rights of the user`,
      { cause: error },
    );
  }
}
