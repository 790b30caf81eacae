import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/contracts/errors.ts';
import { variables } from '../../src/config/env.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Role } from '../../src/config/roles.ts';

const KEY = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const COMPLETE = { VF_TOKEN_KEYS: KEY, VF_FACEID_API_KEY: 'invented-key', VF_FACEID_API_SECRET: 'invented-secret' };

function problemsOf(env: Record<string, string>, role: Role = 'worker'): readonly string[] {
  try {
    loadConfig({ ...COMPLETE, ...env }, role);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('loadConfig', () => {
  it('gives a frozen config with every default', () => {
    const config = loadConfig(COMPLETE, 'all');
    expect(config.kafka.topics).toEqual({
      requests: 'faceid.verification.requested.v1',
      hints: 'faceid.verification.hint.v1',
      outcomes: 'faceid.verification.outcome.v1',
      deadLetters: 'faceid.verification.requested.v1.dlq',
      audit: 'faceid.verification.replay-audit.v1',
      gate: 'faceid.verification.gate.v1',
    });
    expect(config.faceId).toMatchObject({ baseUrl: 'https://api-sgp.megvii.com/faceid', region: 'sgp', timeoutMs: 10_000 });
    expect(config.policy.settings).toEqual({
      maxReads: 3,
      windowMs: 86_400_000,
      minGapMs: 20_000,
      errorBackoffMs: 30_000,
      requiredFar: '1e-4',
      countRefused: false,
    });
    expect(config).toMatchObject({ startupTimeoutMs: 60_000, autoSetup: false, bizNoSearchable: false, maxInProgress: 40 });
    expect(Object.isFrozen(config) && Object.isFrozen(config.kafka.topics) && Object.isFrozen(config.policy.settings)).toBe(true);
  });

  it('reports five wrong settings at once, each with its name and remedy', () => {
    const problems = problemsOf({
      VF_FACEID_TIMEOUT: '10 seconds',
      VF_KAFKA_BROKER: 'kafka:9092',
      VF_FACEID_BASE_URL: 'http://api-sgp.megvii.com/faceid',
      VF_REQUIRED_FAR: '1e-9',
      VF_KAFKA_SASL_MECHANISM: 'plain',
    });
    expect(problems).toHaveLength(5);
    for (const [name, remedy] of [
      ['VF_FACEID_TIMEOUT', 'write a whole number with ms, s, m or h'],
      ['VF_KAFKA_BROKER', 'did you mean VF_KAFKA_BROKERS?'],
      ['VF_FACEID_BASE_URL', 'use https'],
      ['VF_REQUIRED_FAR', '1e-3, 1e-4, 1e-5, 1e-6'],
      ['VF_KAFKA_SASL_USERNAME', 'set all of'],
    ] as const) {
      expect(
        problems.some((problem) => problem.startsWith(name) && problem.includes(remedy)),
        `${name}: ${problems.join('\n')}`,
      ).toBe(true);
    }
  });

  it.each<readonly [string, string, string]>([
    ['VF_LOG_LEVEL', 'verbose', 'debug, info, warn, error'],
    ['VF_KAFKA_BROKERS', 'kafka', 'host:port'],
    ['VF_KAFKA_BROKERS', 'a:1,,b:2', 'host:port'],
    ...['::1:9092', '[::1]', '[:::]:9092', '[kafka]:9092', '[127.0.0.1]:9092', 'kafka:0', 'kafka:65536', 'kafka:9092:9093'].map(
      (brokers) => ['VF_KAFKA_BROKERS', brokers, 'host:port'] as const,
    ),
    ['VF_KAFKA_REQUEST_TOPIC', 'no spaces please', 'letters, digits'],
    ['VF_KAFKA_SSL', 'yes', 'true or false'],
    ['VF_KAFKA_OUTCOME_TOPIC', '__consumer_offsets', 'Kafka keeps for itself'],
    ['VF_TASK_QUEUE', '/_sys/x', 'Temporal keeps for itself'],
    ['VF_TASK_QUEUE', 'temporal-sys-per-ns-tq', 'Temporal keeps for itself'],
    ['VF_MAX_CALLS', '0', 'from 1 to 10'],
    ['VF_MAX_CALLS', '3.5', 'whole number'],
    ['VF_WINDOW', '-1h', 'is not a duration'],
    ['VF_STARTUP_TIMEOUT', '99h', 'out of range'],
    ['VF_FACEID_MAX_CALLS_PER_SECOND', '0.9', 'a number from 1 to 10000'],
    ['VF_ADMIN_PORT', '70000', 'from 0 to 65535'],
    ['VF_ADMIN_HOST', 'tcp://10.0.0.1:9464', 'is no IP address; write 0.0.0.0'],
    ['VF_ADMIN_HOST', '0.0.0.0:9464', 'is no IP address'],
    ['VF_ADMIN_HOST', 'admin.example', 'is no IP address'],
    ['VF_MAX_CACHED_WORKFLOWS', '39', 'from 40 to'],
    ['VF_FACEID_BASE_URL', 'ftp://x', 'scheme other than https'],
    ['VF_FACEID_BASE_URL', 'faceid', 'is not a URL'],
    ['VF_FACEID_BASE_URL', 'https://u:p@host/faceid', 'holds credentials'],
    ['VF_POLICY_PROFILE', 'eager', 'issued, completed'],
    ['VF_SHUTDOWN_TIMEOUT', '5s', 'make it longer'],
    ['VF_KAFKA_DLQ_TOPIC', 'faceid.verification.requested.v1', 'give each its own'],
    ['VF_NO_SUCH_THING_AT_ALL', '1', 'no such setting; remove it; `verdictflow config --help` lists'],
  ])('refuses %s=%s', (name, value, remedy) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toContain(remedy);
  });

  const MISTAKEN = ['kafka://svc:s3cret@b:9092', 'https://svc:s3cret@b/', 'a:1,svc:s3cret@b:9092', 's3cret', '/_sys/s3cret', '__s3cret'];

  /** Free text: nothing in it can be wrong. */
  const TAKES_ANYTHING = [
    'VF_FACEID_API_KEY',
    'VF_FACEID_API_SECRET',
    'VF_EMULATOR_LOG',
    'VF_EVIDENCE_S3_SECRET_ACCESS_KEY',
    'VF_EVIDENCE_S3_SESSION_TOKEN',
    'VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY',
    'VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN',
  ];

  it.each(variables().map(({ name }) => name))('never repeats a value of %s that it refuses', (name) => {
    const told = MISTAKEN.flatMap((value) => problemsOf({ [name]: value }));
    expect(told.length > 0).toBe(!TAKES_ANYTHING.includes(name));
    expect(told.filter((text) => text.includes('s3cret'))).toEqual([]);
  });

  it.each(['VF_FACEID_API_SECRET_FILE', 'VF_KAFKA_SASL_PASSWORD_FILE'])('takes no secret in %s for a path to be told', (name) => {
    const problems = problemsOf({ VF_FACEID_API_SECRET: '', [name]: 's3cret' });
    expect(problems[0]).toContain(`${name}: the file cannot be read (ENOENT)`);
    expect(problems.join()).not.toContain('s3cret');
  });

  it.each([
    ['VF_LOG_LEVEL', 'warm', 'did you mean warn? write one of debug, info, warn, error'],
    ['VF_KAFKA_SASL_MECHANISM', 'scram-sha512', 'did you mean scram-sha-512? write one of plain, scram-sha-256, scram-sha-512'],
    ['VF_POLICY_PROFILE', 's3cret', 'is not known; write one of'],
  ])('suggests the known word that %s=%s is near to', (name, value, told) => {
    const problems = problemsOf({ [name]: value });
    expect(problems[0]).toContain(told);
    expect(problems.join()).not.toContain(value);
  });

  it('names the entry that is no broker address', () => {
    expect(problemsOf({ VF_KAFKA_BROKERS: 'a:1,svc:s3cret@b:9092' })).toEqual([
      'VF_KAFKA_BROKERS: entry 2 is no broker address; write host:port[,host:port]',
    ]);
  });

  it.each(['http://svc:s3cret@localhost:8233', 'http://svc@localhost:8233'])('refuses a link with credentials: %s', (url) => {
    expect(problemsOf({ VF_TEMPORAL_UI_URL: url })).toEqual(['VF_TEMPORAL_UI_URL: holds credentials; remove the part before @']);
  });

  it.each([
    ['0s,60s,23h,23h', 'VF_POLICY_CUSTOM_OFFSETS'],
    ['60s,0s', 'VF_POLICY_CUSTOM_OFFSETS'],
    ['0s,25h', 'VF_POLICY_CUSTOM_OFFSETS'],
    ['0s,1m,2m,3m', 'VF_POLICY_CUSTOM_OFFSETS'],
  ])('refuses the custom offsets %s', (offsets, name) => {
    const problems = problemsOf({ VF_POLICY_PROFILE: 'custom', VF_POLICY_CUSTOM_OFFSETS: offsets });
    expect(problems.join('\n')).toContain(name);
  });

  it('accepts custom offsets that fit, and refuses the profile without them', () => {
    const config = loadConfig({ ...COMPLETE, VF_POLICY_PROFILE: 'custom', VF_POLICY_CUSTOM_OFFSETS: '0s,60s,23h' }, 'worker');
    expect(config.policy.settings.customOffsetsMs).toEqual([0, 60_000, 82_800_000]);
    expect(problemsOf({ VF_POLICY_PROFILE: 'custom' }).join()).toContain('VF_POLICY_CUSTOM_OFFSETS');
  });

  it.each([
    ['http://localhost:8085/faceid', true],
    ['http://127.0.0.1:8085/faceid/', true],
    ['http://[::1]:8085/faceid', true],
    ['http://localhost.example.com/faceid', false],
    ['http://10.0.0.1/faceid', false],
  ])('plain HTTP only to loopback: %s → %s', (url, allowed) => {
    expect(problemsOf({ VF_FACEID_BASE_URL: url }).length === 0).toBe(allowed);
  });

  it('asks each role only for what it needs', () => {
    expect(() => loadConfig({}, 'cli')).not.toThrow();
    expect(() => loadConfig({}, 'emulator')).not.toThrow();
    expect(() => loadConfig({ VF_TOKEN_KEYS: KEY }, 'ingress')).not.toThrow();
    expect(() => loadConfig({}, 'ingress')).toThrow(/VF_TOKEN_KEYS: missing, role ingress needs it/);
    expect(() => loadConfig({}, 'worker')).toThrow(/VF_FACEID_API_SECRET or VF_FACEID_API_SECRET_FILE/);
  });

  it('treats an empty variable as absent', () => {
    expect(loadConfig({ ...COMPLETE, VF_MAX_CALLS: '' }, 'worker').policy.settings.maxReads).toBe(3);
  });

  it('ignores variables of others', () => {
    expect(() => loadConfig({ ...COMPLETE, PATH: '/bin', TEMPORAL_ADDRESS: 'x:1' }, 'all')).not.toThrow();
  });

  it('reads secrets from files and drops the trailing newline', () => {
    const env = { VF_TOKEN_KEYS: KEY, VF_FACEID_API_KEY: 'k', VF_FACEID_API_SECRET_FILE: '/run/secret' };
    const config = loadConfig(env, 'worker', { readFile: () => 'from-file\n' });
    expect(config.faceId.apiSecret?.reveal()).toBe('from-file');
  });

  it('takes no blank around a path for a part of it', () => {
    const env = { VF_FACEID_API_SECRET_FILE: ' /run/secret ', VF_TEMPORAL_API_KEY_FILE: ' /run/key ' };
    const paths: string[] = [];
    loadConfig(env, 'cli', { readFile: (path) => `content ${paths.push(path)}` });
    expect(paths).toEqual(['/run/secret', '/run/key']);
  });

  it.each(['\n', ' \n\n', '\t', '\r\n'])('a file that holds only blanks is empty: %j', (content) => {
    for (const name of ['VF_FACEID_API_SECRET_FILE', 'VF_TOKEN_KEYS_FILE', 'VF_TEMPORAL_API_KEY_FILE', 'VF_KAFKA_SASL_PASSWORD_FILE'])
      expect(() => loadConfig({ [name]: '/blank' }, 'cli', { readFile: () => content })).toThrow(new RegExp(`${name}: the file is empty`));
  });

  it('names the file variable when the file is missing, empty, or doubled', () => {
    const readFile = (path: string): string => {
      if (path === '/empty') return '\n';
      throw Object.assign(new Error('no'), { code: 'ENOENT' });
    };
    const base = { VF_TOKEN_KEYS: KEY, VF_FACEID_API_KEY: 'k' };
    expect(() => loadConfig({ ...base, VF_FACEID_API_SECRET_FILE: '/gone' }, 'worker', { readFile })).toThrow(
      /1 config[^]*VF_FACEID_API_SECRET_FILE: .*ENOENT/,
    );
    expect(() => loadConfig({ ...base, VF_FACEID_API_SECRET_FILE: '/empty' }, 'worker', { readFile })).toThrow(/is empty/);
    expect(() => loadConfig({ ...COMPLETE, VF_FACEID_API_SECRET_FILE: '/gone' }, 'worker', { readFile })).toThrow(/are both set/);
  });

  it.each(['k1:short', 'nokey', `k1:${Buffer.alloc(31).toString('base64')}`, `${KEY},${KEY}`, `${KEY},`])(
    'refuses token keys that are not id:base64-of-32-bytes, without showing them',
    (keys) => {
      const problems = problemsOf({ VF_TOKEN_KEYS: keys });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^VF_TOKEN_KEYS: entry \d/);
      expect(problems[0]).not.toContain(Buffer.alloc(32, 7).toString('base64'));
      expect(problems[0]).not.toContain('short');
    },
  );

  it('keeps the order of the token keys: the first one seals', () => {
    const second = `k2:${Buffer.alloc(32, 9).toString('base64')}`;
    const config = loadConfig({ ...COMPLETE, VF_TOKEN_KEYS: `${second},${KEY}` }, 'worker');
    expect(config.tokenKeys.map((key) => key.id)).toEqual(['k2', 'k1']);
    expect(config.tokenKeys[0]?.key.reveal()).toEqual(Buffer.alloc(32, 9));
  });
});
