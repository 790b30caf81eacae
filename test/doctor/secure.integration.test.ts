import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type SecureBroker, startSecureBroker, USER } from '../kafka/support/secure-broker.ts';
import { type FaultyProxy, openFaultyProxy } from '../support/faulty-proxy.ts';
import { withAdmin } from '../support/kafka-admin.ts';
import { pipelineEnv } from '../support/pipeline.ts';
import { createAuthority } from '../support/certificates.ts';
import { type Env, examined, expectNamed } from './examined.ts';

let broker: SecureBroker;
let behind: FaultyProxy;
/** The port that the broker really listens on; clients are told another one. */
let realPort = 0;
let env: Env;

beforeAll(async () => {
  broker = await startSecureBroker({
    settings: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
      'super.users': 'User:ANONYMOUS',
    },
    behind: async (port) => {
      realPort = port;
      behind = await openFaultyProxy(port);
      return behind.port;
    },
  });
  env = pipelineEnv({
    kafkaBrokers: broker.brokers,
    temporalAddress: inject('temporalAddress'),
    emulatorPort: 1,
    overrides: { VF_KAFKA_PARTITIONS: '1' },
  });
  await withAdmin(broker.brokers, async (admin) => {
    const topics = Object.entries(env).flatMap(([name, topic]) =>
      name.endsWith('_TOPIC') ? [{ topic, numPartitions: 1, configEntries: name === 'VF_KAFKA_DLQ_TOPIC' ? LARGER : [] }] : [],
    );
    await admin.createTopics({ topics, waitForLeaders: true });
  });
});
afterAll(async () => {
  await broker.stop();
  behind.close();
});

/** As setup makes a dead-letter topic. */
const LARGER = [{ name: 'max.message.bytes', value: '2000000' }];

const other = createAuthority('somebody else');

type Broken = readonly [what: string, names: string, saw: RegExp, env: (through: SecureBroker['ways']) => Env];

const BROKEN: readonly Broken[] = [
  [
    'an unknown authority',
    'FAIL kafka-bootstrap',
    /signed by nobody this process trusts/,
    ({ TLS }) => ({ ...TLS, VF_KAFKA_SSL_CA_FILE: '' }),
  ],
  [
    'an authority of somebody else',
    'FAIL kafka-tls',
    /signed by nobody this process trusts/,
    ({ TLS }) => ({ ...TLS, VF_KAFKA_SSL_CA_FILE: broker.file('other.pem', other.cert) }),
  ],
  ['another name', 'FAIL kafka-tls', /for other names than its address/, ({ TLS }) => ({ ...TLS, VF_KAFKA_SSL_SERVER_NAME: 'other.test' })],
  [
    'no certificate of ours',
    'FAIL kafka-bootstrap',
    /wants a certificate that it trusts/,
    ({ TLS, MTLS: { VF_KAFKA_BROKERS = '' } }) => ({ ...TLS, VF_KAFKA_BROKERS }),
  ],
  [
    'no TLS to a port with it',
    'FAIL kafka-bootstrap',
    /if it expects TLS, set VF_KAFKA_SSL/,
    ({ TLS: { VF_KAFKA_BROKERS = '' } }) => ({ VF_KAFKA_BROKERS }),
  ],
  ['TLS to a port without it', 'FAIL kafka-tls', /no handshake/, ({ TLS }) => ({ ...TLS, VF_KAFKA_BROKERS: broker.brokers })],
  [
    'a wrong password',
    'FAIL kafka-bootstrap',
    /SASL SCRAM SHA512 auth/,
    ({ SCRAM }) => ({ ...SCRAM, VF_KAFKA_SASL_PASSWORD_FILE: broker.file('wrong', 'wrong') }),
  ],
  [
    'another mechanism',
    'FAIL kafka-bootstrap',
    /check VF_KAFKA_SASL_MECHANISM/,
    ({ SCRAM }) => ({ ...SCRAM, VF_KAFKA_SASL_MECHANISM: 'plain' }),
  ],
];

describe('a broken way to a cluster is named', () => {
  it.concurrent.each(BROKEN)('%s: %s', async (_, names, saw, through) => {
    await expectSaid({ ...env, ...through(broker.ways) }, { names, saw });
  });
});

describe('rights', () => {
  it('are told by the brokers themselves: with all of them there is nothing to say, through TLS, mTLS and SCRAM', async () => {
    for (const way of ['TLS', 'MTLS', 'SCRAM'] as const) {
      const { findings } = await examined({ ...env, ...broker.ways[way] });
      const kafka = findings.filter(({ check }) => /^kafka-(bootstrap|brokers|tls|topics|rights|clock)$/.test(check));
      expect({ way, not: kafka.filter(({ status, saw }) => status !== 'OK' && !/may read the file/.test(saw)) }).toEqual({ way, not: [] });
    }
  });

  it.each([
    ['READ on the request topic', 'VF_KAFKA_REQUEST_TOPIC', AclOperationTypes.READ, /READ on topic \S+requested\.v1 is not allowed/],
    ['WRITE on the outcome topic', 'VF_KAFKA_OUTCOME_TOPIC', AclOperationTypes.WRITE, /WRITE on topic \S+outcome\.v1 is not allowed/],
    ['WRITE on the dead-letter topic', 'VF_KAFKA_DLQ_TOPIC', AclOperationTypes.WRITE, /WRITE on topic \S+dlq is not allowed/],
    ['WRITE on the gate topic', 'VF_KAFKA_GATE_TOPIC', AclOperationTypes.WRITE, /WRITE on topic \S+gate\.v1 is not allowed/],
    ['READ on the group', 'VF_KAFKA_GROUP_ID', AclOperationTypes.READ, /READ on group \S+ is not allowed/],
  ] as const)('%s that is denied: FAIL kafka-rights, and nothing was written to find out', async (_, variable, operation, saw) => {
    await denied(env[variable] ?? '', { operation, group: variable === 'VF_KAFKA_GROUP_ID' });
    await expectSaid({ ...env, ...broker.ways.SCRAM }, { names: 'FAIL kafka-rights', saw });
    await withAdmin(broker.brokers, async (admin) => {
      for (const name of ['VF_KAFKA_OUTCOME_TOPIC', 'VF_KAFKA_DLQ_TOPIC', 'VF_KAFKA_AUDIT_TOPIC'])
        expect((await admin.fetchTopicOffsets(env[name] ?? '')).map(({ high }) => high)).toEqual(['0']);
    });
  });

  it('a topic that may not be described, and settings that may not be read', async () => {
    await denied(env['VF_KAFKA_HINT_TOPIC'] ?? '', { operation: AclOperationTypes.DESCRIBE_CONFIGS, group: false });
    await expectSaid(
      { ...env, ...broker.ways.SCRAM },
      { names: 'WARN kafka-topics', saw: /retention.ms.* unknown .*TOPIC_AUTHORIZATION_FAILED/ },
    );
    await denied(env['VF_KAFKA_HINT_TOPIC'] ?? '', { operation: AclOperationTypes.ALL, group: false });
    await expectSaid({ ...env, ...broker.ways.SCRAM }, { names: 'FAIL kafka-topics', saw: /hint\.v1: this user may not describe it/ });
    await expectSaid({ ...env, ...broker.ways.SCRAM }, { names: 'FAIL kafka-rights', saw: /READ on topic \S+hint\.v1/ });
  });
});

describe('addresses that the cluster tells', () => {
  it('and that do not lead to it from here: FAIL kafka-brokers, although the first address answers', async () => {
    behind.close();
    const { findings } = await examined({ ...env, VF_KAFKA_BROKERS: `127.0.0.1:${realPort}` });
    expect(findings.filter(({ check }) => check === 'kafka-bootstrap')).toMatchObject([{ status: 'OK' }]);
    expect(findings.filter(({ check }) => check === 'kafka-brokers')).toMatchObject([
      {
        status: 'FAIL',
        saw: expect.stringContaining(`127.0.0.1:${behind.port}: `),
        remedy: expect.stringContaining('advertised.listeners'),
      },
    ]);
  });
});

async function denied(
  name: string,
  { operation, group }: { readonly operation: AclOperationTypes; readonly group: boolean },
): Promise<void> {
  const acl = {
    resourceType: group ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
    resourceName: name,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${USER.name}`,
    host: '*',
    operation,
    permissionType: AclPermissionTypes.DENY,
  };
  // Once there is one for a resource, everything else has to be allowed by name.
  const allowed = { ...acl, operation: AclOperationTypes.ALL, permissionType: AclPermissionTypes.ALLOW };
  await withAdmin(broker.brokers, async (admin) => await admin.createAcls({ acl: [acl, allowed] }));
}

async function expectSaid(broken: Env, { names, saw }: { readonly names: string; readonly saw: RegExp }): Promise<void> {
  expectNamed(await examined(broken), { names, saw, secrets: [USER.password, env['VF_FACEID_API_SECRET'] ?? ''] });
}
