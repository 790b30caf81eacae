import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, type Consumer, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { RunTopics } from '../systems/system.ts';
import type { Ledger } from './ledger.ts';

const PARTITIONS = 6;
const TOPIC_TIMEOUT_MS = 60_000;

export type BenchKafka = {
  readonly producer: Producer;
  createTopics(topics: RunTopics): Promise<void>;
  deleteTopics(topics: RunTopics): Promise<void>;
  /** Notes every record of the topic in the ledger from its beginning on. Resolves once partitions are assigned. */
  watch(options: { topic: string; group: string; ledger: Ledger }): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
};

/**
 * The bench's own ends of the pipeline: the producer whose clock counts, and the consumer that sees outcomes arrive.
 * For one run: a kafkajs client that has used a topic fails for good once it is deleted (kafkajs#1622).
 */
export async function connectKafka(brokers: string): Promise<BenchKafka> {
  // kafkajs logs every retriable answer of a young cluster; what matters is thrown, or shows as a missing outcome.
  const kafka = new Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  return {
    producer,
    createTopics: (topics) => createTopics(admin, Object.values(topics)),
    async deleteTopics(topics) {
      await admin.deleteTopics({ topics: Object.values(topics) });
    },
    watch: (options) => watch(kafka.consumer({ groupId: options.group, allowAutoTopicCreation: false }), options),
    async close() {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

/** kafkajs's own wait for leaders gives up at the first "unknown topic" of a broker that is still catching up. */
async function createTopics(admin: Admin, topics: string[]): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS })) });
  const deadlineMs = Date.now() + TOPIC_TIMEOUT_MS;
  while (!(await haveLeaders(admin, topics))) {
    if (Date.now() > deadlineMs)
      throw new Error(`Kafka did not elect leaders for ${topics.join(', ')} within ${TOPIC_TIMEOUT_MS / 1_000} s`);
    await sleep(100);
  }
}

async function haveLeaders(admin: Admin, topics: string[]): Promise<boolean> {
  try {
    const metadata = await admin.fetchTopicMetadata({ topics });
    return metadata.topics.every(({ partitions }) => partitions.length === PARTITIONS && partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    if (error instanceof Error && 'retriable' in error && error.retriable === true) return false;
    throw error;
  }
}

async function watch(consumer: Consumer, { topic, ledger }: { topic: string; ledger: Ledger }): Promise<{ stop(): Promise<void> }> {
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    eachBatch: ({ batch }) => {
      const now = performance.now();
      for (const { key } of batch.messages) ledger.arrived(String(key), now);
      return Promise.resolve();
    },
  });
  await joined;
  return { stop: () => consumer.disconnect() };
}
