import type { Kafka } from 'kafkajs';
import { hoursText } from '../contracts/hours.ts';
import { defined } from '../domain/defined.ts';
import { settingNumber, settingSize, topicSettings, withAdmin } from './admin.ts';
import { DEAD_LETTER_OVERHEAD_BYTES } from './sinks.ts';

export type TopicUse = 'requests' | 'hints' | 'outcomes' | 'deadLetters' | 'audit' | 'gate';

/** What a topic is like. */
export type TopicFacts = {
  readonly topic: string;
  readonly partitions: number;
  /** Of the partition that has fewest. */
  readonly replicas: number;
  /** Those that the brokers tell; absent if they tell none. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Why they tell none, if they say why. */
  readonly untold?: string;
};

export type TopicWishes = {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Every broker runs on this machine: nobody expects replicas there. */
  readonly isLocal: boolean;
  readonly windowMs: number;
};

const JUDGED = ['cleanup.policy', 'retention.ms', 'min.insync.replicas', 'max.message.bytes'] as const;
const SETTINGS = [...JUDGED, 'message.timestamp.type'] as const;

/** What those of `topics` that exist are like. */
export async function topicFacts(kafka: Kafka, topics: readonly string[]): Promise<readonly TopicFacts[]> {
  if (topics.length === 0) return [];
  return await withAdmin(kafka, async (admin) => {
    const described = await admin.fetchTopicMetadata({ topics: [...topics] });
    const { byTopic, untold } = await topicSettings(admin, { topics, names: SETTINGS });
    return described.topics.map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      ...defined({ settings: byTopic.get(name), untold }),
    }));
  });
}

/** What is wrong with topics that exist, by topic. Nothing of it keeps the service from running today. */
export function topicWarnings(
  facts: Readonly<Partial<Record<TopicUse, TopicFacts>>>,
  wishes: TopicWishes,
): readonly (readonly [TopicUse, string])[] {
  const uses: readonly TopicUse[] = ['requests', 'hints', 'outcomes', 'deadLetters', 'audit', 'gate'];
  const largest = Math.max(...[facts.requests, facts.hints].map((one) => sizeOf(one, 'max.message.bytes') ?? 0));
  return uses.flatMap((use) => {
    const one = facts[use];
    if (one === undefined) return [];
    const texts = [
      ...sizeWarnings(one, { use, ...wishes }),
      ...replicaWarnings(one, wishes),
      ...settingWarnings(one, { use, largest, ...wishes }),
    ];
    return texts.map((text) => [use, text] as const);
  });
}

function sizeWarnings({ partitions }: TopicFacts, { use, partitions: wanted }: TopicWishes & { readonly use: TopicUse }): string[] {
  if (partitions >= wanted) return [];
  const share = use === 'requests' || use === 'hints' ? `: no more than ${partitions} ingress share its work` : '';
  return [`it has ${partitions} partition(s), fewer than VF_KAFKA_PARTITIONS (${wanted})${share}`];
}

function replicaWarnings(facts: TopicFacts, { replicationFactor, isLocal }: TopicWishes): string[] {
  const { replicas } = facts;
  const inSync = sizeOf(facts, 'min.insync.replicas');
  const texts: string[] = [];
  if (replicas < replicationFactor)
    texts.push(`it has ${replicas} replica(s), fewer than VF_KAFKA_REPLICATION_FACTOR (${replicationFactor})`);
  if (replicas === 1 && !isLocal)
    texts.push(
      'it has one replica: a broker that is lost takes acknowledged records with it; use VF_KAFKA_REPLICATION_FACTOR=3 and more replicas',
    );
  if (inSync !== undefined && inSync > replicas)
    texts.push(`min.insync.replicas is ${inSync}, more than its ${replicas} replica(s): nothing can be written to it`);
  if (inSync === 1 && replicas >= 3)
    texts.push('min.insync.replicas is 1: one broker alone acknowledges records, and takes them with it when it is lost; set it to 2');
  return texts;
}

type Context = TopicWishes & { readonly use: TopicUse; readonly largest: number };

function settingWarnings(facts: TopicFacts, { use, largest, windowMs }: Context): string[] {
  const texts: string[] = [];
  const retentionMs = settingNumber(facts.settings?.['retention.ms']);
  const compacted = facts.settings?.['cleanup.policy']?.includes('compact') === true;
  // Compaction of outcomes leaves the last one of each verification, as their keys are its ids; that of the gate its latest state.
  if (compacted && use !== 'outcomes' && use !== 'gate')
    texts.push(`cleanup.policy is compact: ${COMPACTED[use]}; set cleanup.policy=delete`);
  if (use === 'requests' && retentionMs !== undefined && retentionMs >= 0 && retentionMs < windowMs)
    texts.push(
      `retention.ms keeps requests for ${hoursText(retentionMs)}, shorter than VF_WINDOW (${hoursText(windowMs)}): ` +
        'those that wait longer, e.g. in an outage, are deleted unread',
    );
  const most = sizeOf(facts, 'max.message.bytes');
  const needed = largest + DEAD_LETTER_OVERHEAD_BYTES;
  if (use === 'deadLetters' && largest > 0 && most !== undefined && most < needed)
    texts.push(`max.message.bytes is ${most}: of the largest records it takes a stub only; set it to ${needed} or more`);
  return texts;
}

const COMPACTED: Readonly<Record<Exclude<TopicUse, 'outcomes' | 'gate'>, string>> = {
  requests: 'of requests with one key only the last is kept, and one without a key is refused',
  hints: 'of hints with one key only the last is kept, and one without a key is refused',
  deadLetters: 'of records with one key only the last is kept, and of one without a key a stub',
  audit: 'of what was done to one verification only the last is kept',
};

function sizeOf(facts: TopicFacts | undefined, name: 'min.insync.replicas' | 'max.message.bytes'): number | undefined {
  return settingSize(facts?.settings?.[name]);
}

/** Settings by which topics are judged, and that the brokers do not tell: one text for all topics, for it is one cause. */
export function untoldWarning(facts: readonly TopicFacts[]): string | undefined {
  const names = JUDGED.filter((name) => facts.some(({ settings }) => settings?.[name] === undefined));
  if (names.length === 0) return undefined;
  const why = facts.find(({ untold }) => untold !== undefined)?.untold;
  const others = facts.length > 1 ? ' (here or on another topic of ours)' : '';
  return `${names.join(', ')} unknown${others}, hence not checked${why === undefined ? '' : `: ${why}`}; allow DESCRIBE_CONFIGS on the topics, or look there yourself`;
}
