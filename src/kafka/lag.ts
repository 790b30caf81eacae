import type { Admin, Kafka } from 'kafkajs';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { Progress } from '../operator/doctor/ports.ts';
import type { LagReader } from '../operator/ports.ts';
import { describeKafkaError } from './errors.ts';

type Group = { readonly groupId: string; readonly topics: readonly string[] };

/** Asks the brokers over one connection how far behind a group is. `lag` rejects with `DependencyUnavailableError`. */
export async function openLag(kafka: Kafka, group: Group): Promise<LagReader & { close(): Promise<void> }> {
  const admin = kafka.admin();
  await asked(async () => await admin.connect());
  return {
    async lag() {
      const progress = await asked(async () => await groupProgress(admin, group));
      return group.topics.map((topic) => {
        const own = progress.filter((one) => one.topic === topic);
        return { topic, records: own.reduce((sum, one) => sum + behind(one), 0) };
      });
    },
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

/** Where a group is in each partition of topics that exist. Rejects with kafkajs's errors. */
export async function groupProgress(admin: Admin, { groupId, topics }: Group): Promise<readonly Progress[]> {
  const found: Progress[] = [];
  const groups = await admin.fetchOffsets({ groupId, topics: [...topics] });
  // One after the other: kafkajs renews what it knows of the brokers with each, and has none meanwhile.
  for (const topic of topics) {
    const ends = await admin.fetchTopicOffsets(topic);
    const offsets = new Map(
      groups.find((one) => one.topic === topic)?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
    );
    for (const { partition, low, high } of ends) {
      const committed = offsets.get(partition) ?? -1;
      found.push({ topic, partition, begin: Number(low), end: Number(high), ...(committed < 0 ? {} : { committed }) });
    }
  }
  return found;
}

function behind({ begin, end, committed = begin }: Progress): number {
  return Math.max(0, end - Math.max(begin, committed));
}
