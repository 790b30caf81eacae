import { describe, expect, it } from 'vitest';
import type { Sights } from '../../src/cli/doctor/examination.ts';
import { ConfigurationError, DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { CHECKS } from '../../src/operator/doctor/catalogue.ts';
import { runFakeCli } from './fake-cli.ts';

const down = (): never => {
  throw new DependencyUnavailableError('kafka', 'nobody answers');
};

/** Nothing is to be seen anywhere. */
const NOTHING: Sights = {
  kafka: {
    broker: async () => await Promise.resolve({ answers: false, why: 'ECONNREFUSED' }),
    advertised: async () => await Promise.reject(new DependencyUnavailableError('kafka', 'nobody answers')),
    topics: async () => await Promise.resolve().then(down),
    warnings: async () => await Promise.resolve().then(down),
    requestRetentionMs: async () => await Promise.resolve().then(down),
    group: async () => await Promise.resolve().then(down),
    progress: async () => await Promise.resolve().then(down),
    clock: async () => await Promise.resolve().then(down),
  },
  temporal: async () => await Promise.reject(new ConfigurationError(['TEMPORAL_ADDRESS: is no address; write host:port'])),
  vendor: undefined,
  stores: async () => await Promise.resolve([]),
};

const ENV = {
  VF_FACEID_BASE_URL: 'http://127.0.0.1:1/faceid',
  VF_FACEID_API_KEY: 'key',
  VF_FACEID_API_SECRET: 'secret',
  VF_TOKEN_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
};

async function told(env: NodeJS.ProcessEnv, ...args: string[]) {
  const { code, out, closed } = await runFakeCli(['doctor', ...args, '--json'], { env, sights: NOTHING });
  const { findings }: { findings: { check: string; status: string; saw: string; remedy?: string }[] } = JSON.parse(out);
  return { code, closed, findings, of: (check: string) => findings.filter((one) => one.check === check) };
}

describe('doctor', () => {
  it('makes every check of its catalogue, in that order, also where nothing answers, and closes what it opened', async () => {
    const { code, closed, findings } = await told(ENV);
    expect([...new Set(findings.map(({ check }) => check))]).toEqual(Object.keys(CHECKS));
    expect({ code, closed }).toEqual({ code: 1, closed: 1 });
    for (const { status, remedy } of findings) expect(remedy === undefined).toBe(status === 'OK' || status === 'SKIPPED');
  });

  it('names what is missing and the check that says why, instead of one failure many times', async () => {
    const { of } = await told(ENV);
    expect(of('temporal-server')).toEqual([
      { check: 'temporal-server', status: 'FAIL', saw: 'TEMPORAL_ADDRESS: is no address', remedy: 'write host:port' },
    ]);
    expect(of('temporal-queues')).toEqual([
      { check: 'temporal-queues', status: 'SKIPPED', saw: 'Temporal does not answer: see temporal-server' },
    ]);
    expect(of('kafka-rights')).toEqual([{ check: 'kafka-rights', status: 'SKIPPED', saw: 'no broker answers: see kafka-bootstrap' }]);
  });

  it('looks at nothing with other settings than those that were meant', async () => {
    const { of } = await told({ ...ENV, VF_KAFKA_BROKERS: 'no address', VF_TOKEN_KEYS: 'no key', VF_FACEID_BASE_URL: 'ftp://vendor' });
    expect(of('settings').map(({ saw }) => saw.replace(/:.*/, ''))).toEqual(['VF_KAFKA_BROKERS', 'VF_TOKEN_KEYS', 'VF_FACEID_BASE_URL']);
    expect(of('kafka-bootstrap')).toMatchObject([{ status: 'SKIPPED', saw: 'VF_KAFKA_BROKERS: mend the settings first' }]);
    expect(of('sealing-keys')).toMatchObject([{ status: 'SKIPPED', saw: 'VF_KAFKA_BROKERS, VF_TOKEN_KEYS: mend the settings first' }]);
    expect(of('temporal-queues')).toMatchObject([{ status: 'SKIPPED', saw: 'VF_FACEID_BASE_URL: mend the settings first' }]);
    expect(of('vendor-address')).toMatchObject([{ status: 'SKIPPED', saw: 'VF_FACEID_BASE_URL: mend the settings first' }]);
  });

  it('asks the vendor only for roles that do', async () => {
    const { of } = await told({ VF_TOKEN_KEYS: ENV.VF_TOKEN_KEYS }, '--role', 'ingress');
    expect(of('settings')).toMatchObject([{ status: 'OK' }]);
    expect(of('vendor-key')).toMatchObject([{ status: 'SKIPPED', saw: 'role ingress does not ask the vendor' }]);
  });

  it('prints a line for each finding, with what to do below it', async () => {
    const { out } = await runFakeCli(['doctor'], { env: ENV, sights: NOTHING });
    expect(out).toContain('FAIL     temporal-server     TEMPORAL_ADDRESS: is no address\n                             → write host:port\n');
    expect(out).toMatch(/\n\n\d+ OK, \d+ WARN, \d+ FAIL, \d+ SKIPPED\n$/);
  });
});
