import { readFileSync } from 'node:fs';
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openLiveConfig } from '../../src/config/live-config.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { withAdmin } from '../../src/kafka/admin.ts';
import { createKafka, openKafka } from '../../src/kafka/connect.ts';
import { kafkaSettingsOf } from '../../workers/settings.ts';
import { createAuthority } from '../support/certificates.ts';
import { startCli } from '../support/cli-process.ts';
import { COMPRESSED } from '../conformance/pipeline-run.ts';
import { freePort, pipelineEnv, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';
import { CLIENT, PASSPHRASE, type SecureBroker, startSecureBroker, USER, type Way } from './support/secure-broker.ts';

let broker: SecureBroker;
beforeAll(async () => {
  broker = await startSecureBroker();
});
afterAll(async () => {
  killAllProcesses();
  await broker.stop();
});

type Env = Readonly<Record<string, string>>;

/** Brokers of the cluster that a client with these settings sees, or why it sees none. */
async function reach(env: Env): Promise<number> {
  const live = openLiveConfig(env, { role: 'cli' });
  return await brokersOf(await openKafka({ ...kafkaSettingsOf(live.current), logger: silentLogger, startupTimeoutMs: 1_000 }));
}

/** Each time over a connection of its own. */
async function brokersOf(kafka: Kafka): Promise<number> {
  return await withAdmin(kafka, async (admin) => (await admin.describeCluster()).brokers.length);
}

it('a request becomes an outcome through TLS, mTLS, SCRAM and OAUTHBEARER', async () => {
  const emulatorPort = await freePort();
  const envOf = (way: Way) =>
    pipelineEnv({
      kafkaBrokers: broker.brokers,
      temporalAddress: inject('temporalAddress'),
      emulatorPort,
      overrides: {
        ...COMPRESSED,
        ...broker.ways[way],
        VF_FACEID_API_KEY: 'invented',
        VF_FACEID_API_SECRET: 'invented',
        VF_EMULATOR_PORT: String(emulatorPort),
        VF_KAFKA_PARTITIONS: '1',
      },
    });
  await startProcess(['emulator'], envOf('TLS')).ready();
  await Promise.all(
    (['TLS', 'MTLS', 'SCRAM', 'OAUTH'] as const).map(async (way) => {
      const env = envOf(way);
      await startProcess(['all'], env).ready();
      const outcomes = await watchTopic(broker.brokers, env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
      const token = mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() });
      const submitted = await startCli(['submit', '--file', broker.file(way, `${JSON.stringify({ token })}\n`)], env).done;
      expect({ way, code: submitted.code, err: submitted.err }).toEqual({ way, code: 0, err: '' });
      await until(() => outcomes.seen.length > 0, { timeoutMs: 60_000, what: `an outcome through ${way}` });
      await outcomes.stop();
    }),
  );
  expect(broker.provider.requests[0]).toEqual({ body: 'grant_type=client_credentials&scope=kafka+read', secret: CLIENT.secret });
});

describe('a connection that is refused says why, with the setting to look at', () => {
  const other = createAuthority('somebody else');
  const foreign = other.issue({ name: 'verdictflow' });

  it.concurrent.each<readonly [string, (through: SecureBroker['ways']) => Env, RegExp]>([
    [
      'an unknown authority',
      ({ TLS }) => ({ ...TLS, VF_KAFKA_SSL_CA_FILE: '' }),
      /signed by nobody this process trusts: .*VF_KAFKA_SSL_CA_FILE/,
    ],
    ['a foreign authority', ({ TLS }) => ({ ...TLS, VF_KAFKA_SSL_CA_FILE: broker.file('other-ca.pem', other.cert) }), /signed by nobody/],
    ['another name', ({ TLS }) => ({ ...TLS, VF_KAFKA_SSL_SERVER_NAME: 'other.test' }), /for other names.*VF_KAFKA_SSL_SERVER_NAME/],
    [
      'TLS to a port without',
      ({ TLS }) => ({ ...TLS, VF_KAFKA_BROKERS: broker.brokers }),
      /before secure TLS connection was established: check VF_KAFKA_SSL/,
    ],
    ['no TLS to a port with', ({ TLS: { VF_KAFKA_BROKERS = '' } }) => ({ VF_KAFKA_BROKERS }), /if it expects TLS, set VF_KAFKA_SSL/],
    [
      'no certificate',
      ({ TLS, MTLS: { VF_KAFKA_BROKERS = '' } }) => ({ ...TLS, VF_KAFKA_BROKERS }),
      /wants a certificate that it trusts: check VF_KAFKA_SSL_CERT_FILE/,
    ],
    [
      'a foreign certificate',
      ({ MTLS }) => ({
        ...MTLS,
        VF_KAFKA_SSL_CERT_FILE: broker.file('foreign.pem', foreign.cert),
        VF_KAFKA_SSL_KEY_FILE: broker.file('foreign-key.pem', foreign.key),
        VF_KAFKA_SSL_KEY_PASSWORD_FILE: '',
      }),
      /wants a certificate that it trusts/,
    ],
    [
      'a wrong SCRAM password',
      ({ SCRAM }) => ({ ...SCRAM, VF_KAFKA_SASL_PASSWORD_FILE: broker.file('wrong', 'wrong') }),
      /SASL SCRAM SHA512 auth.*check the settings/,
    ],
    [
      'a wrong PLAIN password',
      ({ PLAIN }) => ({ ...PLAIN, VF_KAFKA_SASL_PASSWORD_FILE: broker.file('wrong', 'wrong') }),
      /SASL PLAIN auth.*check the settings/,
    ],
    [
      'a mechanism of another listener',
      ({ SCRAM }) => ({ ...SCRAM, VF_KAFKA_SASL_MECHANISM: 'plain' }),
      /SASL mechanism: check VF_KAFKA_SASL_MECHANISM/,
    ],
    [
      'a wrong client secret',
      ({ OAUTH }) => ({ ...OAUTH, VF_KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE: broker.file('wrong', 'wrong') }),
      /no token for the brokers: it answers 401 invalid_client/,
    ],
    [
      'an endpoint of an unknown authority',
      ({ OAUTH }) => ({ ...OAUTH, VF_KAFKA_SASL_OAUTH_CA_FILE: '' }),
      /no token for the brokers: UNABLE_TO/,
    ],
  ])('%s', async (_, env, text) => {
    const failure = reach(env(broker.ways));
    await expect(failure).rejects.toThrow(text);
    await expect(failure).rejects.not.toThrow(new RegExp(`${USER.password}|${PASSPHRASE}|wrong is`));
  });

  it('unless the name is the one that the certificate is for, or nothing leaves this machine', async () => {
    await expect(reach({ ...broker.ways.TLS, VF_KAFKA_SSL_SERVER_NAME: 'broker.test' })).resolves.toBe(1);
    await expect(reach(broker.ways.PLAIN)).resolves.toBe(1);
  });
});

describe('without a restart, the next connection is made with', () => {
  /** The settings with each file copied, so that changing it disturbs nobody else. */
  function copied(way: Way): Env {
    const own = (name: string, value: string): string =>
      name.endsWith('_FILE') ? broker.file(`${way}-${name}`, readFileSync(value, 'utf8')) : value;
    return Object.fromEntries(Object.entries(broker.ways[way]).map(([name, value]) => [name, own(name, value)]));
  }

  it.concurrent.each<readonly [string, Way, string, () => string, RegExp]>([
    ['a password', 'SCRAM', 'VF_KAFKA_SASL_PASSWORD_FILE', () => 'no longer the password', /authentication failed/],
    ['a client secret', 'OAUTH', 'VF_KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE', () => 'no longer the secret', /invalid_client/],
    ['an authority', 'TLS', 'VF_KAFKA_SSL_CA_FILE', () => createAuthority('somebody else').cert, /certificate|issuer|self.signed/],
  ])('%s that was mended', async (_, way, variable, wrong, refusal) => {
    const env = copied(way);
    const path = env[variable] ?? '';
    const right = readFileSync(path, 'utf8');
    let now = 0;
    const live = openLiveConfig(env, { role: 'cli', now: () => (now += 1_000) });
    const kafka = createKafka({ ...kafkaSettingsOf(live.current), logger: silentLogger, retries: 0 });
    expect(await brokersOf(kafka)).toBe(1);
    broker.file(`${way}-${variable}`, wrong());
    live.refresh();
    await expect(brokersOf(kafka)).rejects.toThrow(refusal);
    broker.file(`${way}-${variable}`, right);
    live.refresh();
    expect(await brokersOf(kafka)).toBe(1);
  });
});
