import kafkajs, { type Kafka } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { largestMessageBytes } from '../../src/kafka/admin.ts';
import { TokenUnavailableError } from '../../src/kafka/errors.ts';
import { createRedriveTargets } from '../../src/kafka/redrive-targets.ts';
import { kafkaSetup } from '../../src/kafka/setup.ts';

const TOPICS = { requests: 'requests', hints: 'hints', outcomes: 'outcomes', deadLetters: 'dlq', audit: 'audit', gate: 'gate' };
type Value = string | null;

/** A cluster with all topics, whose brokers say `described` of the settings. */
function cluster(described: Error | Readonly<Record<string, Value>>): Kafka {
  const admin = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    listTopics: () => Promise.resolve(Object.values(TOPICS)),
    fetchTopicMetadata: ({ topics }: { readonly topics: readonly string[] }) =>
      Promise.resolve({ topics: topics.map((name) => ({ name, partitions: [{ replicas: [1] }] })) }),
    describeConfigs: ({ resources }: { readonly resources: readonly { readonly name: string }[] }) => {
      if (described instanceof Error) return Promise.reject(described);
      const configEntries = Object.entries(described).map(([configName, configValue]) => ({ configName, configValue }));
      return Promise.resolve({ resources: resources.map(({ name }) => ({ resourceName: name, configEntries })) });
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is asked of it is here
  return { admin: () => admin } as unknown as Kafka;
}

const wishes = { brokers: ['127.0.0.1:1'], topics: TOPICS, partitions: 1, replicationFactor: 1, windowMs: 86_400_000 };
const warningsOf = async (kafka: Kafka) => (await kafkaSetup(kafka, wishes).inspect()).flatMap(({ warnings = [] }) => warnings);

const protocolError = (type: string): Error => Object.assign(new kafkajs.KafkaJSError(type, { retriable: false }), { type });
const built = (name: string, error: Error): Error => Object.assign(error, { name });

/** What says nothing of the settings, and nothing of whether the service can run. */
const UNTOLD: readonly Error[] = [
  built(
    'KafkaJSServerDoesNotSupportApiKey',
    new kafkajs.KafkaJSServerDoesNotSupportApiKey('no such API', { apiKey: 32, apiName: 'DescribeConfigs' }),
  ),
  ...['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'UNSUPPORTED_VERSION', 'INVALID_REQUEST', 'UNKNOWN'].map(protocolError),
  built('RangeError: an answer that is too short', new RangeError('Attempt to access memory outside buffer bounds')),
];

const NOT_ASKED: readonly Error[] = [
  ...['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'].map(protocolError),
  new kafkajs.KafkaJSConnectionError('Closed connection'),
  new kafkajs.KafkaJSNumberOfRetriesExceeded(new kafkajs.KafkaJSConnectionError('Connection timeout'), { retryCount: 5, retryTime: 2_000 }),
  loginRefused(),
  new Error('login', { cause: new TokenUnavailableError('it answers 500') }),
];

/** kafkajs's types let nobody say why. */
function loginRefused(): Error {
  const error = new Error('SASL PLAIN authentication failed');
  Object.setPrototypeOf(error, kafkajs.KafkaJSSASLAuthenticationError.prototype);
  return error;
}

describe('settings that the brokers do not tell', () => {
  it.each(UNTOLD)('are unknown and named once, in setup and in what is derived from them: $name $message', async (error) => {
    const warnings = await warningsOf(cluster(error));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^cleanup.policy, retention.ms, min.insync.replicas, max.message.bytes unknown .*, hence not checked: .+; allow/,
      ),
    ]);
    expect(await largestMessageBytes(cluster(error), ['dlq'])).toBeUndefined();
  });

  it.each(NOT_ASKED)('are waited for, or their brokers, where nobody was asked: $message', async (error) => {
    await expect(largestMessageBytes(cluster(error), ['dlq'])).rejects.toBe(error);
  });

  it.each<[string, Value | undefined, number | undefined]>([
    ['absent', undefined, undefined],
    ['null', null, undefined],
    ['empty', '', undefined],
    ['no number', 'unlimited', undefined],
    ['zero', '0', undefined],
    ['negative', '-1', undefined],
    ['beyond all numbers', '9'.repeat(400), undefined],
    ['there', '1048588', 1_048_588],
  ])('max.message.bytes that is %s', async (_what, value, bytes) => {
    const settings = value === undefined ? {} : { 'max.message.bytes': value };
    expect(await largestMessageBytes(cluster(settings), ['requests', 'dlq'])).toBe(bytes);
  });

  it('are unknown one by one, and nothing is made of them', async () => {
    const nothing = { 'cleanup.policy': 'delete', 'retention.ms': null, 'min.insync.replicas': null };
    expect(await warningsOf(cluster(nothing))).toEqual([
      expect.stringMatching(/^retention.ms, min.insync.replicas, max.message.bytes unknown .* hence not checked; allow/),
    ]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing is sent
    const targets = createRedriveTargets(cluster(nothing), {} as Parameters<typeof createRedriveTargets>[1]);
    expect((await targets.facts(['requests'])).get('requests')).not.toHaveProperty('retentionMs');
  });

  it('are no news where all of them are told', async () => {
    const all = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'min.insync.replicas': '1', 'max.message.bytes': '9999999' };
    expect(await warningsOf(cluster(all))).not.toContainEqual(expect.stringContaining('unknown'));
  });
});
