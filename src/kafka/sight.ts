import kafkajs, { type Kafka } from 'kafkajs';
import { LATE, withTimeout } from '../async/timeout.ts';
import { hostPortText } from '../contracts/host-port.ts';
import { readMark } from '../contracts/process-mark.ts';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import { defined } from '../domain/defined.ts';
import type { BrokerSeen, GroupSeen, KafkaSight, TopicSeen } from '../operator/doctor/ports.ts';
import { settingNumber, withAdmin } from './admin.ts';
import { lacksTopicIds, releaseText, unspokenBy } from './broker-versions.ts';
import { createKafka, type KafkaSettings, whyRefused } from './connect.ts';
import { foreseenBehind, protocolTypeOf } from './errors.ts';
import { groupProgress } from './lag.ts';
import { advertisedBy, versionsOf, withCluster } from './patches/seen-cluster.ts';
import {
  controllerTimeMs,
  type DescribedGroup,
  describedGroup,
  describedTopics,
  GROUP_AUTHORIZATION_FAILED,
  TOPIC_AUTHORIZATION_FAILED,
} from './patches/questions.ts';
import { kafkaSetup, type TopicSettings } from './setup.ts';
import { topicFacts } from './topic-checks.ts';

type SightOptions = {
  readonly settings: KafkaSettings;
  readonly wishes: TopicSettings;
  readonly groupId: string;
  readonly logger: Logger;
};

/** A broker that says nothing for so long would be no use to the service either. */
const BROKER_MS = 6_000;
const RETRIES = 2;

/** Kafka as `doctor` sees it. Each question has a connection of its own, and leaves nothing. */
export function createKafkaSight({ settings, wishes, groupId, logger }: SightOptions): KafkaSight {
  // Some answers make kafkajs look where brokers are first, and try again.
  const kafka = createKafka({ ...settings, logger, retries: settings.brokers.length + RETRIES });
  const names = Object.values(wishes.topics);
  const existing = async (): Promise<readonly string[]> =>
    (await topicsSeen(kafka, names)).flatMap(({ topic, exists }) => (exists ? [topic] : []));
  return {
    broker: async (address) => await brokerSeen(address, { settings, logger }),
    advertised: async () => (await told(settings, () => advertisedBy(kafka))).map(hostPortText),
    topics: async () => await told(settings, () => topicsSeen(kafka, names)),
    warnings: async () => await kafkaSetup(kafka, wishes).inspect(),
    async requestRetentionMs() {
      const wanted = wishes.topics.requests;
      const there = await told(settings, async () => (await existing()).includes(wanted));
      if (!there) return undefined;
      const retentionMs = settingNumber((await told(settings, () => topicFacts(kafka, [wanted])))[0]?.settings?.['retention.ms']);
      return retentionMs !== undefined && retentionMs < 0 ? Number.POSITIVE_INFINITY : retentionMs;
    },
    group: async () => await told(settings, () => groupSeen(kafka, groupId)),
    progress: async () =>
      await told(settings, async () => {
        const topics = (await existing()).filter((topic) => topic === wishes.topics.requests || topic === wishes.topics.hints);
        return topics.length === 0 ? [] : await withAdmin(kafka, async (admin) => await groupProgress(admin, { topics, groupId }));
      }),
    clock: async () =>
      await told(settings, () =>
        withCluster(kafka, async ({ any }) => {
          const askedAtMs = Date.now();
          const theirsMs = await controllerTimeMs(any);
          return theirsMs === undefined ? undefined : { leastMs: theirsMs - Date.now(), mostMs: theirsMs - askedAtMs };
        }),
      ),
  };
}

async function told<T>(settings: KafkaSettings, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw foreseenBehind(error) ?? new DependencyUnavailableError('kafka', plainly(error, settings), { cause: error });
  }
}

/** Without kafkajs's own names of errors. */
function plainly(error: unknown, settings: KafkaSettings): string {
  return whyRefused(error, settings).replace(/KafkaJS\w+: /g, '');
}

async function brokerSeen(address: string, { settings, logger }: Pick<SightOptions, 'settings' | 'logger'>): Promise<BrokerSeen> {
  try {
    const kafka = createKafka({ ...settings, brokers: [address], logger, retries: 0 });
    const versions = await withTimeout(versionsOf(kafka), BROKER_MS);
    if (versions === LATE) return { answers: false, why: `no answer within ${BROKER_MS / 1_000} s` };
    return { answers: true, version: releaseText(versions), old: lacksTopicIds(versions), unspoken: unspokenBy(versions) };
  } catch (error) {
    return { answers: false, why: foreseenBehind(error)?.message ?? plainly(error, settings) };
  }
}

async function topicsSeen(kafka: Kafka, names: readonly string[]): Promise<readonly TopicSeen[]> {
  const described = await withCluster(kafka, async ({ any }) => await describedTopics(any, names));
  // Too old to tell rights: those that it lists are there.
  if (described === undefined) return await listed(kafka, names);
  return described.map(({ topic, error, partitions, operations }) => ({
    topic,
    exists: error === 0,
    hidden: error === TOPIC_AUTHORIZATION_FAILED,
    partitions: partitions.map(({ partition, leader, replicas, inSync }) => ({ partition, hasLeader: leader >= 0, replicas, inSync })),
    ...defined({ operations }),
  }));
}

async function listed(kafka: Kafka, names: readonly string[]): Promise<readonly TopicSeen[]> {
  return await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    return names.map((topic) => ({ topic, exists: existing.has(topic), hidden: false, partitions: [] }));
  });
}

const HIDDEN: GroupSeen = { state: 'unknown', members: [], hidden: true };

async function groupSeen(kafka: Kafka, groupId: string): Promise<GroupSeen> {
  try {
    const described = await withCluster(
      kafka,
      async ({ cluster }) => await describedGroup(await cluster.findGroupCoordinator({ groupId }), groupId),
    );
    if (described === undefined || described.error === GROUP_AUTHORIZATION_FAILED) return HIDDEN;
    const { state, operations } = described;
    return { state, members: described.members.map(memberOf), hidden: false, ...defined({ operations }) };
  } catch (error) {
    if (protocolTypeOf(error) === 'GROUP_AUTHORIZATION_FAILED') return HIDDEN;
    throw error;
  }
}

function memberOf({ host, metadata, assignment }: DescribedGroup['members'][number]): GroupSeen['members'][number] {
  const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;
  const assigned = assignment.length === 0 ? {} : (MemberAssignment.decode(assignment)?.assignment ?? {});
  const partitions = Object.entries(assigned).flatMap(([topic, numbers]) => numbers.map((number) => `${topic}/${number}`));
  const mark = metadata.length === 0 ? undefined : readMark(MemberMetadata.decode(metadata)?.userData.toString('utf8') ?? '');
  return { host: host.replace(/^\//, ''), partitions, ...defined({ mark }) };
}
