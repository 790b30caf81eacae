import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { describeKafkaError, protocolTypeOf } from '../../src/kafka/errors.ts';
import { keepRefusalTexts } from '../../src/kafka/patches/refusal-texts.ts';
import { explainTopicRefusal } from '../../src/kafka/topic-refusal.ts';

const require = createRequire(import.meta.url);
keepRefusalTexts();

type Answer = { topic: string; errorCode: number; errorMessage?: string | null };

/** The error that kafkajs itself makes of a broker's answer. */
async function errorOf(topicErrors: Answer[], version = 3): Promise<unknown> {
  const response: { parse(decoded: object): Promise<unknown> } = require(`kafkajs/src/protocol/requests/createTopics/v${version}/response`);
  return await response.parse({ topicErrors }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const wanted = { topic: 't', variable: 'VF_KAFKA_HINT_TOPIC', partitions: 6, replicationFactor: 3, config: { 'min.insync.replicas': '2' } };

describe('a topic that the brokers refuse to make', () => {
  it.each([
    [17, 'INVALID_TOPIC_EXCEPTION', 'VF_KAFKA_HINT_TOPIC a name'],
    [29, 'TOPIC_AUTHORIZATION_FAILED', 'CREATE'],
    [31, 'CLUSTER_AUTHORIZATION_FAILED', 'CREATE'],
    [37, 'INVALID_PARTITIONS', 'VF_KAFKA_PARTITIONS (6)'],
    [38, 'INVALID_REPLICATION_FACTOR', 'VF_KAFKA_REPLICATION_FACTOR (3)'],
    [40, 'INVALID_CONFIG', 'min.insync.replicas=2'],
    [42, 'INVALID_REQUEST', 'those who run the cluster'],
    [44, 'POLICY_VIOLATION', 'VF_KAFKA_REPLICATION_FACTOR (3)'],
  ])('(%i) is named with %s, what the broker said, and the remedy', async (errorCode, type, remedy) => {
    for (const version of [1, 2, 3]) {
      const error = await errorOf([{ topic: 't', errorCode, errorMessage: 'so says the broker' }], version);
      const text = explainTopicRefusal(error, wanted);
      expect(text).toContain(`topic t (VF_KAFKA_HINT_TOPIC) cannot be made (${type}, "so says the broker"): `);
      expect(text).toContain(remedy);
      expect(describeKafkaError(error)).toBe(`t: ${type}, so says the broker`);
      expect(protocolTypeOf(error)).toBe(type);
    }
  });

  it.each([undefined, null, ''])('is named without words if the broker says none (%o)', async (errorMessage) => {
    const answer = { topic: 't', errorCode: 44, ...(errorMessage === undefined ? {} : { errorMessage }) };
    for (const version of [0, 3]) expect(explainTopicRefusal(await errorOf([answer], version), wanted)).toContain('(POLICY_VIOLATION): ');
  });

  it('is found among several', async () => {
    const error = await errorOf([
      { topic: 'u', errorCode: 38 },
      { topic: 't', errorCode: 44 },
    ]);
    expect(explainTopicRefusal(error, wanted)).toContain('(POLICY_VIOLATION)');
    expect(describeKafkaError(error)).toBe('u: INVALID_REPLICATION_FACTOR; t: POLICY_VIOLATION');
  });

  it('is named as well where the protocol names no topic', () => {
    const error = new kafkajs.KafkaJSProtocolError(Object.assign(new Error('no'), { type: 'CLUSTER_AUTHORIZATION_FAILED', code: 31 }));
    expect(explainTopicRefusal(error, wanted)).toContain(
      'topic t (VF_KAFKA_HINT_TOPIC) cannot be made (CLUSTER_AUTHORIZATION_FAILED): give',
    );
  });

  it('is no other error', () => {
    expect(explainTopicRefusal(new Error('socket hang up'), wanted)).toBeUndefined();
  });
});
