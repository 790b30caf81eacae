import type { Admin, Kafka } from 'kafkajs';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { LagReader, TopicLag } from '../operator/ports.ts';
import { describeKafkaError } from './errors.ts';

type Group = { readonly groupId: string; readonly topics: readonly string[] };

/** Asks the brokers over one connection how far behind a group is. `lag` rejects with `DependencyUnavailableError`. */
export async function openLag(kafka: Kafka, group: Group): Promise<LagReader & { close(): Promise<void> }> {
  const admin = kafka.admin();
  await asked(async () => await admin.connect());
  return {
    lag: async () => await asked(async () => await Promise.all(group.topics.map(async (topic) => await lagOf(admin, { ...group, topic })))),
    close: async () => await admin.disconnect(),
  };
}

async function asked<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw new DependencyUnavailableError('kafka', `the lag of the group is not known (${describeKafkaError(error)})`, { cause: error });
  }
}

async function lagOf(admin: Admin, { groupId, topic }: Group & { readonly topic: string }): Promise<TopicLag> {
  const [ends, committed] = await Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId, topics: [topic] })]);
  const offsets = new Map(committed.flatMap(({ partitions }) => partitions.map(({ partition, offset }) => [partition, Number(offset)])));
  const records = ends.reduce((sum, { partition, high, low }) => {
    const offset = offsets.get(partition) ?? -1;
    return sum + Math.max(0, Number(high) - Math.max(Number(low), offset));
  }, 0);
  return { topic, records };
}
