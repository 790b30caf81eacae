import type { Admin } from 'kafkajs';
import { withAdmin as withAdminOf } from '../../src/kafka/admin.ts';
import { testKafka } from './pipeline.ts';
import { until } from './until.ts';

/** A consumer group and the topic it reads, by the settings of a pipeline. */
export type Intake = { readonly brokers: string; readonly groupId: string; readonly topic: string };

export async function withAdmin<T>(brokers: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  return await withAdminOf(testKafka(brokers), work);
}

/** Waits until the group has committed everything there is to read now, i.e. every record so far was handled. */
export async function allHandled({ brokers, groupId, topic }: Intake, timeoutMs: number): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    const wanted = await admin.fetchTopicOffsets(topic);
    await until(
      async () => {
        const ends = await admin.fetchTopicOffsets(topic);
        const committed = (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions ?? [];
        return wanted.every(({ partition, high }) => {
          const [end, done] = [ends, committed].map((list) => Number(list.find((one) => one.partition === partition)?.offset ?? -1));
          // More than there is: the offset of a topic that was deleted.
          return high === '0' || (done !== undefined && end !== undefined && done >= Number(high) && done <= end);
        });
      },
      { timeoutMs, everyMs: 250, what: 'the group has handled every record' },
    );
  });
}

/** Back to the beginning. The broker lets go of killed members only after their session. */
export async function resetOffsets({ brokers, groupId, topic }: Intake): Promise<void> {
  await withAdmin(brokers, (admin) =>
    until(() => admin.resetOffsets({ groupId, topic, earliest: true }).then(() => true), {
      timeoutMs: 60_000,
      everyMs: 500,
      what: 'the offsets are reset',
    }),
  );
}

/** Deletes the topic and makes it anew, empty. */
export async function remakeTopic({ brokers, topic }: Omit<Intake, 'groupId'>, numPartitions: number): Promise<void> {
  await withAdmin(brokers, (admin) => remake(admin, { topic, numPartitions }));
}

async function remake(admin: Admin, made: { readonly topic: string; readonly numPartitions: number }): Promise<void> {
  const { topic } = made;
  const exists = async (): Promise<boolean> => (await admin.listTopics()).includes(topic);
  const goneOrDelete = async (): Promise<boolean> => !(await exists()) || (await admin.deleteTopics({ topics: [topic] }), false);
  await until(goneOrDelete, { timeoutMs: 30_000, everyMs: 300, what: 'the topic is gone' });
  // A busy broker may not know yet what it has just made; kafkajs then fails, and the next attempt says that it exists.
  await until(() => admin.createTopics({ topics: [made] }).then(exists), {
    timeoutMs: 30_000,
    everyMs: 300,
    what: 'the topic is made anew',
  });
}
