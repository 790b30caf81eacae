import type { ITopicConfig, Kafka } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { kafkaSetup } from '../../src/kafka/setup.ts';

const TOPICS = { requests: 'requests', hints: 'hints', outcomes: 'outcomes', deadLetters: 'dlq', audit: 'audit', gate: 'gate' };

type News = 'UNKNOWN_TOPIC_OR_PARTITION' | 'LEADER_NOT_AVAILABLE' | 'TOPIC_AUTHORIZATION_FAILED';

/** A cluster in which the news of the first topic spreads slowly: once it is made, so many requests still meet a broker that says `news`. */
function slowCluster({ news, requests }: { readonly news: News; readonly requests: number }) {
  const made: string[] = [];
  let left = requests;
  const spread = (): void => {
    if (made.length === 0 || left === 0) return;
    left -= 1;
    throw Object.assign(new Error('a broker is behind'), { type: news });
  };
  const admin = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    listTopics: () => Promise.resolve([...made]),
    createTopics: async ({ topics }: { readonly topics: readonly ITopicConfig[] }) => {
      await Promise.resolve();
      made.push(...topics.map(({ topic }) => topic));
      // kafkajs asks for the leaders, and fails although the topic is made.
      spread();
      return true;
    },
    fetchTopicMetadata: async ({ topics }: { readonly topics: readonly string[] }) => {
      await Promise.resolve();
      spread();
      return { topics: topics.map((name) => ({ name, partitions: [{ replicas: [1] }] })) };
    },
    describeConfigs: () => Promise.resolve({ resources: [] }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what setup asks of it is here
  const kafka = { admin: () => admin } as unknown as Kafka;
  const settings = { brokers: ['127.0.0.1:1'], topics: TOPICS, partitions: 1, replicationFactor: 1, windowMs: 86_400_000 };
  return { setup: kafkaSetup(kafka, settings), made };
}

describe('setup on a loaded cluster', () => {
  it.each(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'] as const)(
    'asks again while a broker says %s of a topic that another one has just made, and makes none twice',
    async (news) => {
      const { setup, made } = slowCluster({ news, requests: 2 });
      const told = await setup.make();
      expect(told.map(({ result }) => result)).toEqual(Object.keys(TOPICS).map(() => 'made'));
      expect(made.toSorted()).toEqual(Object.values(TOPICS).toSorted());
    },
  );

  it('does not wait for what no time mends', async () => {
    const { setup } = slowCluster({ news: 'TOPIC_AUTHORIZATION_FAILED', requests: 1 });
    await expect(setup.make()).rejects.toThrow(/topic requests \(VF_KAFKA_REQUEST_TOPIC\) cannot be made \(TOPIC_AUTHORIZATION_FAILED/);
  });
});
