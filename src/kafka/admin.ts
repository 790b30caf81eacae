import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { describeKafkaError, isUnreached, protocolTypeOf } from './errors.ts';

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

/** What the brokers say of the settings of topics. */
export type SettingsTold = {
  /** A setting that a broker does not know, or gives no value, is absent. */
  readonly byTopic: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Why they say nothing at all. */
  readonly untold?: string;
};

/**
 * Settings are asked for to give advice, and no more: what a user may not see, and what a service with Kafka's protocol does not
 * offer, is unknown. Rejects only if the brokers could not be asked, or do not know a topic (yet).
 */
export async function topicSettings(
  admin: Admin,
  { topics, names }: { readonly topics: readonly string[]; readonly names: readonly string[] },
): Promise<SettingsTold> {
  const resources = topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: [...names] }));
  try {
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    return { byTopic: new Map(described.resources.map(({ resourceName, configEntries }) => [resourceName, valuesOf(configEntries)])) };
  } catch (error) {
    const type = protocolTypeOf(error);
    if (isUnreached(error) || SPREADS.includes(type ?? '')) throw error;
    return { byTopic: new Map(), untold: type ?? describeKafkaError(error) };
  }
}

/** What a broker says that does not know a topic yet which another one has just created. */
export const SPREADS: readonly string[] = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];

/** The protocol allows null, of which kafkajs's types know nothing. */
function valuesOf(entries: readonly { readonly configName: string; readonly configValue: string | null }[]): Record<string, string> {
  return Object.fromEntries(entries.flatMap(({ configName, configValue }) => (configValue === null ? [] : [[configName, configValue]])));
}

/** Undefined of anything that is no whole number. Negative ones mean "without limit". */
export function settingNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,19}$/.test(text) ? Number(text) : undefined;
}

/** A size or a count: undefined as well of what is not above 0. */
export function settingSize(text: string | undefined): number | undefined {
  const size = settingNumber(text) ?? 0;
  return size > 0 ? size : undefined;
}

/** The largest `max.message.bytes` in force on any of `topics`, be it their own or the brokers' default. Undefined if unknown. */
export async function largestMessageBytes(kafka: Kafka, topics: readonly string[]): Promise<number | undefined> {
  const name = 'max.message.bytes';
  const { byTopic } = await withAdmin(kafka, async (admin) => await topicSettings(admin, { topics, names: [name] }));
  const known = [...byTopic.values()].map((settings) => settingSize(settings[name])).filter((size) => size !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
