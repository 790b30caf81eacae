import { fileURLToPath } from 'node:url';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ConfigResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKafka } from '../../src/kafka/connect.ts';
import { kafkaSetup, type TopicSettings } from '../../src/kafka/setup.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';
import { withAdmin } from '../support/kafka-admin.ts';
import { testKafka } from '../support/pipeline.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';
import { makeTopic, uniqueName } from './support/broker.ts';
import { groupAt, lossesOf, numbers, readToEnd, stopConsumers, values } from './support/consumer-rig.ts';

afterEach(stopConsumers);

/** Compiled from the source beside it with `javac --release 17`, so that a JRE will do. */
const POLICY = fileURLToPath(new URL('../fixtures/kafka/policy/', import.meta.url));

let broker: OwnBroker;

/** A cluster of one broker with a policy for new topics, access lists, and a retention that is looked at every second. */
beforeAll(async () => {
  broker = await startOwnBroker({
    classes: POLICY,
    settings: {
      'create.topic.policy.class.name': 'NoMoreThanFivePartitions',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
      'log.initial.task.delay.ms': '500',
      'log.retention.check.interval.ms': '1000',
    },
  });
}, 120_000);

afterAll(() => broker.stop());

function settings(more: Partial<TopicSettings> = {}, prefix = uniqueName('strict')): TopicSettings {
  const named = (use: string): string => `${prefix}.${use}`;
  return {
    brokers: [broker.brokers],
    topics: {
      requests: named('requests'),
      hints: named('hints'),
      outcomes: named('outcomes'),
      deadLetters: named('dlq'),
      audit: named('audit'),
      gate: named('gate'),
    },
    partitions: 2,
    replicationFactor: 1,
    windowMs: 86_400_000,
    ...more,
  };
}

const setupOf = (wanted: TopicSettings) =>
  kafkaSetup(createKafka({ brokers: [broker.brokers], ssl: false, logger: silentLogger, retries: 1 }), wanted);

async function refusal(wanted: TopicSettings): Promise<string> {
  return await setupOf(wanted)
    .make()
    .then(
      () => 'nothing was refused',
      (error: unknown) => (error instanceof Error ? error.message : 'no error'),
    );
}

describe('setup on a cluster with rules of its own names topic, cause and setting', () => {
  it('of a policy, in the words of the cluster', async () => {
    const wanted = settings({ partitions: 6 });
    const text = await refusal(wanted);
    expect(text).toContain(`topic ${wanted.topics.requests} (VF_KAFKA_REQUEST_TOPIC) cannot be made (POLICY_VIOLATION`);
    expect(text).toContain('"Five partitions are enough, see wiki/42"');
    expect(text).toContain('VF_KAFKA_PARTITIONS (6)');
  });

  it('of more replicas than brokers', async () => {
    const text = await refusal(settings({ replicationFactor: 3 }));
    expect(text).toMatch(/INVALID_REPLICATION_FACTOR, ".+"\): set VF_KAFKA_REPLICATION_FACTOR \(3\)/);
  });

  it('of a name that collides with another one', async () => {
    const prefix = uniqueName('strict');
    await makeTopic(broker.brokers, { topic: `${prefix}_hints` });
    expect(await refusal(settings({}, prefix))).toMatch(/\(VF_KAFKA_HINT_TOPIC\).*INVALID_TOPIC_EXCEPTION/);
  });

  it('of a right that the user lacks', async () => {
    const prefix = uniqueName('strict');
    const everyone = { principal: 'User:ANONYMOUS', host: '*', resourcePatternType: ResourcePatternTypes.LITERAL };
    const topic = { ...everyone, resourceType: AclResourceTypes.TOPIC, permissionType: AclPermissionTypes.DENY };
    const cluster = { ...everyone, resourceType: AclResourceTypes.CLUSTER, resourceName: 'kafka-cluster' };
    const acl = [
      { ...cluster, operation: AclOperationTypes.ALL, permissionType: AclPermissionTypes.ALLOW },
      { ...cluster, operation: AclOperationTypes.CREATE, permissionType: AclPermissionTypes.DENY },
      { ...topic, resourceName: `${prefix}.outcomes`, operation: AclOperationTypes.CREATE },
      { ...topic, resourceName: `${prefix}-old.hints`, operation: AclOperationTypes.DESCRIBE },
    ];
    await makeTopic(broker.brokers, { topic: `${prefix}-old.hints` });
    await withAdmin(broker.brokers, async (admin) => await admin.createAcls({ acl }));
    expect(await refusal(settings({}, prefix))).toMatch(
      /outcomes \(VF_KAFKA_OUTCOME_TOPIC\) cannot be made \(TOPIC_AUTHORIZATION_FAILED.*VF_KAFKA_SASL_USERNAME.*CREATE/,
    );
    expect(await refusal(settings({}, `${prefix}-old`))).toMatch(
      /hints \(VF_KAFKA_HINT_TOPIC\) cannot be made \(TOPIC_AUTHORIZATION_FAILED.* if it exists already, DESCRIBE/,
    );
  });
});

describe('setup says what is wrong with topics that exist', () => {
  it('each with its setting, and makes the others', async () => {
    const wanted = settings({ partitions: 3, replicationFactor: 1 });
    const { topics } = wanted;
    await makeTopic(broker.brokers, {
      topic: topics.requests,
      partitions: 1,
      config: { 'cleanup.policy': 'compact', 'retention.ms': '3600000', 'max.message.bytes': '2000000' },
    });
    await makeTopic(broker.brokers, { topic: topics.deadLetters, partitions: 3, config: { 'max.message.bytes': '1000000' } });
    const made = await setupOf(wanted).make();
    const of = (topic: string): string => made.find(({ name }) => name === topic)?.warnings?.join('\n') ?? 'not told of';
    expect(made.map(({ result }) => result)).toEqual(['kept', 'made', 'made', 'kept', 'made', 'made']);
    expect(of(topics.requests)).toContain('1 partition(s), fewer than VF_KAFKA_PARTITIONS (3)');
    expect(of(topics.requests)).toContain('cleanup.policy is compact');
    expect(of(topics.requests)).toContain('retention.ms keeps requests for 1 h, shorter than VF_WINDOW (24 h)');
    expect(of(topics.deadLetters)).toContain('max.message.bytes is 1000000');
    expect([topics.hints, topics.outcomes, topics.audit].map(of)).toEqual(['', '', '']);
    expect((await setupOf(wanted).inspect()).map(({ warnings }) => warnings)).toEqual(made.map(({ warnings }) => warnings));
  });
});

describe('records that the retention of a topic deletes before they were read', () => {
  it('are counted, and the rest is read', async () => {
    const { brokers } = broker;
    const topic = await makeTopic(brokers);
    const producer = testKafka(brokers).producer();
    await producer.connect();
    const timestamp = String(Date.now() - 2 * 3_600_000);
    await producer.send({ topic, messages: numbers(0, 20).map((value) => ({ value, timestamp, partition: 0 })) });
    const groupId = await groupAt(3n, { topic, brokers });
    await withAdmin(brokers, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '3600000' }] }],
      }),
    );
    const firstOffset = async (): Promise<string | undefined> =>
      await withAdmin(brokers, async (admin) => (await admin.fetchTopicOffsets(topic))[0]?.low);
    await until(async () => (await firstOffset()) === '20', { timeoutMs: 30_000, what: 'the records expire' });
    await producer.send({ topic, messages: numbers(20, 25).map((value) => ({ value, partition: 0 })) });
    await producer.disconnect();
    const { seen, events } = await readToEnd(topic, { groupId, brokers, end: 25n });
    expect(lossesOf(events)).toEqual([['recordsLost', { topic, partition: 0, position: 3n, begin: 20n, atMost: 17n }]]);
    expect(values(seen)).toEqual(numbers(20, 25));
  });
});
