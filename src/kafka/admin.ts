import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { protocolTypeOf } from './errors.ts';

export type TopicSpec = {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Topic settings such as `retention.ms`. */
  readonly config?: Readonly<Record<string, string>>;
};

/** Runs `work` with an admin client of its own and disconnects it. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Creates the topics that do not exist; existing ones stay as they are. @returns the names of those created. */
export async function ensureTopics(kafka: Kafka, specs: readonly TopicSpec[]): Promise<string[]> {
  return await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = specs.filter(({ topic }) => !existing.has(topic));
    const created: string[] = [];
    for (const spec of missing) if (await create(admin, spec)) created.push(spec.topic);
    return created;
  });
}

async function create(admin: Admin, spec: TopicSpec): Promise<boolean> {
  const configEntries = Object.entries(spec.config ?? {}).map(([name, value]) => ({ name, value }));
  const { topic, partitions: numPartitions, replicationFactor } = spec;
  try {
    // False: somebody else created it in between.
    return await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor, configEntries }], waitForLeaders: true });
  } catch (error) {
    if (protocolTypeOf(error) === 'TOPIC_ALREADY_EXISTS') return false;
    throw error;
  }
}

/** Those of `topics` that the brokers do not know. */
export async function missingTopics(kafka: Kafka, topics: readonly string[]): Promise<string[]> {
  return await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    return topics.filter((topic) => !existing.has(topic));
  });
}

/**
 * The largest `max.message.bytes` in force on any of `topics`, be it their own or the brokers' default. Undefined if the
 * user may not read the settings of topics.
 */
export async function largestMessageBytes(kafka: Kafka, topics: readonly string[]): Promise<number | undefined> {
  const configNames = ['max.message.bytes'];
  const resources = topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames }));
  try {
    const described = await withAdmin(kafka, async (admin) => await admin.describeConfigs({ resources, includeSynonyms: false }));
    return Math.max(...described.resources.flatMap(({ configEntries }) => configEntries.map(({ configValue }) => Number(configValue))));
  } catch (error) {
    if (protocolTypeOf(error) === 'TOPIC_AUTHORIZATION_FAILED') return undefined;
    throw error;
  }
}
