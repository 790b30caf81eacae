import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Consumer, Producer } from 'kafkajs';
import type { RunTopics } from '../systems/system.ts';
import type { Ledger } from './ledger.ts';

const PARTITIONS = 6;

export type BenchKafka = {
  readonly producer: Producer;
  createTopics(topics: RunTopics): Promise<void>;
  deleteTopics(topics: RunTopics): Promise<void>;
  /** Notes every record of the topic in the ledger from its beginning on. Resolves once partitions are assigned. */
  watch(options: { topic: string; group: string; ledger: Ledger }): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
};

/** The bench's own ends of the pipeline: the producer whose clock counts, and the consumer that sees outcomes arrive. */
export async function connectKafka(brokers: string): Promise<BenchKafka> {
  // kafkajs logs every retriable answer of a young cluster; what matters is thrown, or shows as a missing outcome.
  const kafka = new Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  return {
    producer,
    async createTopics(topics) {
      await admin.createTopics({
        waitForLeaders: true,
        topics: Object.values(topics).map((topic) => ({ topic, numPartitions: PARTITIONS })),
      });
    },
    async deleteTopics(topics) {
      await admin.deleteTopics({ topics: Object.values(topics) });
    },
    watch: (options) => watch(kafka.consumer({ groupId: options.group, allowAutoTopicCreation: false }), options),
    async close() {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
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
