import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Env } from '../../src/config/env.ts';
import { policyVariables } from '../../src/config/env-policy.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Secret } from '../../src/config/redact.ts';
import { resolvePolicy } from '../../src/domain/reading/plan.ts';
import { createAuthority } from '../support/certificates.ts';
import { sourceText } from '../support/sources.ts';

const SASL = { VF_KAFKA_SASL_MECHANISM: 'plain', VF_KAFKA_SASL_USERNAME: 'user', VF_KAFKA_SASL_PASSWORD: 'invented' };
const REQUIRED = { VF_TOKEN_KEYS: keyOf(7), VF_FACEID_API_KEY: 'invented', VF_FACEID_API_SECRET: 'invented' };
const OAUTH = {
  VF_KAFKA_SASL_MECHANISM: 'oauthbearer',
  VF_KAFKA_SASL_OAUTH_TOKEN_URL: 'https://login.example/token',
  VF_KAFKA_SASL_OAUTH_CLIENT_ID: 'client',
  VF_KAFKA_SASL_OAUTH_CLIENT_SECRET: 'invented',
};
const PASSPHRASE = 'invented';
const AUTHORITY = createAuthority('every setting');
const OURS = AUTHORITY.issue({ name: 'verdictflow', passphrase: PASSPHRASE });
/** Files that must hold something particular, by path. */
const FILES: Readonly<Record<string, string>> = {
  ca: AUTHORITY.cert,
  cert: OURS.cert,
  encrypted: OURS.key,
  key: createPrivateKey({ key: OURS.key, passphrase: PASSPHRASE }).export({ type: 'pkcs8', format: 'pem' }).toString(),
  keys: keyOf(9),
  tokens: `other:${'0123456789abcdef'.repeat(2)}`,
  passphrase: PASSPHRASE,
  word: 'one-word',
};
const MTLS = { VF_KAFKA_SSL: 'true', VF_KAFKA_SSL_CERT_FILE: 'cert', VF_KAFKA_SSL_KEY_FILE: 'key' };
const EVIDENCE = {
  VF_SHUTDOWN_TIMEOUT: '60s',
  VF_EVIDENCE_STORE: 's3://evidence',
  VF_EVIDENCE_KEY_STORE: 's3://keys',
  VF_EVIDENCE_KEYS: keyOf(5),
  VF_EVIDENCE_S3_ACCESS_KEY_ID: 'key',
  VF_EVIDENCE_S3_SECRET_ACCESS_KEY: 'invented',
};
const OWN_ACCESS = {
  ...EVIDENCE,
  VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: 'own',
  VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY: 'invented',
};
const CUSTOM = { VF_POLICY_PROFILE: 'custom', VF_POLICY_CUSTOM_OFFSETS: '0s,60s' };

/** Another valid value of every variable, and what has to stand beside it. Whoever adds a variable adds its line. */
const OTHER: Readonly<Record<keyof Env, string | readonly [value: string, beside: Readonly<Record<string, string>>]>> = {
  VF_KAFKA_BROKERS: 'other:9092',
  VF_KAFKA_REQUEST_TOPIC: 'other',
  VF_KAFKA_HINT_TOPIC: 'other',
  VF_KAFKA_OUTCOME_TOPIC: 'other',
  VF_KAFKA_DLQ_TOPIC: 'other',
  VF_KAFKA_AUDIT_TOPIC: 'other',
  VF_KAFKA_GATE_TOPIC: 'other',
  VF_KAFKA_GROUP_ID: 'other',
  VF_KAFKA_SESSION_TIMEOUT: '44s',
  VF_KAFKA_SSL: 'true',
  VF_KAFKA_SSL_CA_FILE: ['ca', { VF_KAFKA_SSL: 'true' }],
  VF_KAFKA_SSL_CERT_FILE: ['cert', MTLS],
  VF_KAFKA_SSL_KEY_FILE: ['key', MTLS],
  VF_KAFKA_SSL_KEY_PASSWORD: [PASSPHRASE, { ...MTLS, VF_KAFKA_SSL_KEY_FILE: 'encrypted' }],
  VF_KAFKA_SSL_KEY_PASSWORD_FILE: ['passphrase', { ...MTLS, VF_KAFKA_SSL_KEY_FILE: 'encrypted' }],
  VF_KAFKA_SSL_SERVER_NAME: ['other', { VF_KAFKA_SSL: 'true' }],
  VF_KAFKA_SASL_MECHANISM: ['scram-sha-256', SASL],
  VF_KAFKA_SASL_WITHOUT_TLS: 'true',
  VF_KAFKA_SASL_USERNAME: ['other', SASL],
  VF_KAFKA_SASL_PASSWORD: ['other', SASL],
  VF_KAFKA_SASL_PASSWORD_FILE: ['other', { ...SASL, VF_KAFKA_SASL_PASSWORD: '' }],
  VF_KAFKA_SASL_OAUTH_TOKEN_URL: ['https://other.example/token', OAUTH],
  VF_KAFKA_SASL_OAUTH_CLIENT_ID: ['other', OAUTH],
  VF_KAFKA_SASL_OAUTH_CLIENT_SECRET: ['other', OAUTH],
  VF_KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE: ['other', { ...OAUTH, VF_KAFKA_SASL_OAUTH_CLIENT_SECRET: '' }],
  VF_KAFKA_SASL_OAUTH_SCOPE: ['other', OAUTH],
  VF_KAFKA_SASL_OAUTH_EXTENSIONS: ['logicalCluster=lkc-1', OAUTH],
  VF_KAFKA_SASL_OAUTH_CA_FILE: ['ca', OAUTH],
  VF_KAFKA_SASL_AWS_REGION: ['eu-west-1', { VF_KAFKA_SASL_MECHANISM: 'aws-msk-iam', VF_KAFKA_SASL_AWS_REGION: 'eu-west-2' }],
  VF_KAFKA_PARTITIONS: '7',
  VF_KAFKA_REPLICATION_FACTOR: '2',
  VF_TASK_QUEUE: 'other',
  VF_TOKEN_KEYS: keyOf(8),
  VF_TOKEN_KEYS_FILE: ['keys', { VF_TOKEN_KEYS: '' }],
  VF_PAYLOAD_KEYS: keyOf(6),
  VF_PAYLOAD_KEYS_FILE: 'keys',
  VF_PAYLOAD_ENCRYPT: 'false',
  VF_SCORES: 'banded',
  VF_CODEC_HOST: ['127.0.0.2', {}],
  VF_CODEC_PORT: '8235',
  VF_CODEC_NAMESPACES: 'default,other',
  VF_CODEC_ORIGINS: 'https://temporal.example,http://localhost:8233',
  VF_CODEC_TOKENS: `other:${'0123456789abcdef'.repeat(2)}`,
  VF_CODEC_TOKENS_FILE: 'tokens',
  VF_CODEC_TLS_CERT_FILE: ['cert', { VF_CODEC_TLS_KEY_FILE: 'key' }],
  VF_CODEC_TLS_KEY_FILE: ['key', { VF_CODEC_TLS_CERT_FILE: 'cert' }],
  VF_MAX_IN_PROGRESS: '41',
  VF_MAX_CACHED_WORKFLOWS: '41',
  VF_AUTO_SETUP: 'true',
  VF_STARTUP_TIMEOUT: '61s',
  VF_SHUTDOWN_TIMEOUT: '31s',
  VF_ADMIN_HOST: '127.0.0.1',
  VF_ADMIN_PORT: '9464',
  VF_LOG_LEVEL: 'warn',
  VF_NAMESPACE_RETENTION: '721h',
  VF_TEMPORAL_API_KEY_FILE: 'other',
  VF_TEMPORAL_UI_URL: 'http://other:8233',
  VF_FACEID_BASE_URL: 'https://other.example/faceid',
  VF_FACEID_API_KEY: 'other',
  VF_FACEID_API_KEY_FILE: ['other', { VF_FACEID_API_KEY: '' }],
  VF_FACEID_API_SECRET: 'other',
  VF_FACEID_API_SECRET_FILE: ['other', { VF_FACEID_API_SECRET: '' }],
  VF_FACEID_TIMEOUT: '9s',
  VF_FACEID_MAX_CALLS_PER_SECOND: '5',
  VF_FACEID_MAX_CONCURRENT: '5',
  VF_GATE_DATA_SOURCE_ERRORS: '2',
  VF_GATE_WINDOW: '11m',
  VF_GATE_REFUSALS: '6',
  VF_TRUST_HINTS: 'true',
  VF_POLICY_PROFILE: 'patient',
  VF_POLICY_CUSTOM_OFFSETS: ['0s,61s', CUSTOM],
  VF_POLICY_MIN_GAP: '21s',
  VF_POLICY_ERROR_BACKOFF: '31s',
  VF_COUNT_REFUSED: 'true',
  VF_MAX_CALLS: '2',
  VF_WINDOW: '23h',
  VF_REQUIRED_FAR: '1e-5',
  VF_BIZNO_SEARCHABLE: 'true',
  VF_EVIDENCE_STORE: ['s3://other', EVIDENCE],
  VF_EVIDENCE_KEY_STORE: ['s3://other/keys', EVIDENCE],
  VF_EVIDENCE_KEYS: [keyOf(8), EVIDENCE],
  VF_EVIDENCE_KEYS_FILE: ['keys', { ...EVIDENCE, VF_EVIDENCE_KEYS: '' }],
  VF_RETURN_IMAGE: ['2', EVIDENCE],
  VF_EVIDENCE_KEEP_ANSWER: ['true', EVIDENCE],
  VF_EVIDENCE_TTL: ['721h', EVIDENCE],
  VF_EVIDENCE_TIMEOUT: ['21s', EVIDENCE],
  VF_EVIDENCE_MAX_BYTES: ['1048576', EVIDENCE],
  VF_EVIDENCE_MEMORY: ['268435457', EVIDENCE],
  VF_EVIDENCE_S3_ENDPOINT: ['https://other.example', EVIDENCE],
  VF_EVIDENCE_S3_REGION: ['eu-central-1', EVIDENCE],
  VF_EVIDENCE_S3_WITHOUT_TLS: ['true', EVIDENCE],
  VF_EVIDENCE_S3_ACCESS_KEY_ID: ['other', EVIDENCE],
  VF_EVIDENCE_S3_ACCESS_KEY_ID_FILE: ['word', { ...EVIDENCE, VF_EVIDENCE_S3_ACCESS_KEY_ID: '' }],
  VF_EVIDENCE_S3_SECRET_ACCESS_KEY: ['other', EVIDENCE],
  VF_EVIDENCE_S3_SECRET_ACCESS_KEY_FILE: ['other', { ...EVIDENCE, VF_EVIDENCE_S3_SECRET_ACCESS_KEY: '' }],
  VF_EVIDENCE_S3_SESSION_TOKEN: ['other', EVIDENCE],
  VF_EVIDENCE_S3_SESSION_TOKEN_FILE: ['word', EVIDENCE],
  VF_EVIDENCE_KEY_STORE_S3_ENDPOINT: ['https://other.example', EVIDENCE],
  VF_EVIDENCE_KEY_STORE_S3_REGION: ['eu-central-1', EVIDENCE],
  VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: ['other', OWN_ACCESS],
  VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID_FILE: ['word', { ...OWN_ACCESS, VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: '' }],
  VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY: ['other', OWN_ACCESS],
  VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY_FILE: ['other', { ...OWN_ACCESS, VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY: '' }],
  VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN: ['other', OWN_ACCESS],
  VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN_FILE: ['word', OWN_ACCESS],
  VF_EVIDENCE_SWEEP_EVERY: '2h',
  VF_ERASE_TOMBSTONE: 'true',
  VF_EMULATOR_PORT: '8086',
  VF_EMULATOR_HOST: '0.0.0.0',
  VF_EMULATOR_LOG: 'other',
  VF_EMULATOR_COUNT_MODE: 'ok',
  VF_EMULATOR_WINDOW_START: 'completion',
  VF_EMULATOR_SCENARIO: 'other',
  VF_EMULATOR_ACCEPT_UNKNOWN: 'true',
  VF_EMULATOR_LATENCY: '1ms',
  VF_EMULATOR_MAX_CALLS: '4',
  VF_EMULATOR_WINDOW: '25h',
};

function keyOf(byte: number): string {
  return `k1:${Buffer.alloc(32, byte).toString('base64')}`;
}

function load(env: Readonly<Record<string, string>>): Config {
  return loadConfig({ ...REQUIRED, ...env }, 'all', { readFile: (path) => FILES[path] ?? `what the file ${path} holds` });
}

/** The derived configuration without the variable and with it; `''` stands for a variable that is not set. */
function bothWays(name: keyof Env): readonly [Config, Config] {
  const other = OTHER[name];
  const [value, beside] = typeof other === 'string' ? [other, {}] : other;
  // Without a file, or the password of one, what stands beside it is not complete.
  const before = /(_FILE|_KEY_PASSWORD)$/.test(name) ? {} : beside;
  return [load(before), load({ ...beside, [name]: value })];
}

/** With secrets in clear, which else all look alike. */
function inClear(value: unknown): unknown {
  if (value instanceof Secret) return inClear(value.reveal());
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(inClear);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inClear(part)]));
}

const NAMES = Object.keys(OTHER).filter((name): name is keyof Env => name in OTHER);
const OF_POLICIES = NAMES.filter((name) => name in policyVariables && name !== 'VF_BIZNO_SEARCHABLE');

describe('no setting is lost on its way', () => {
  it.each(NAMES)('%s changes the derived configuration', (name) => {
    const [before, after] = bothWays(name);
    expect(inClear(after)).not.toEqual(inClear(before));
  });

  it.each(OF_POLICIES)('%s changes the policy that verifications carry', (name) => {
    const [before, after] = bothWays(name).map(({ policy }) => resolvePolicy(policy.profile, policy.settings));
    expect(after).not.toEqual(before);
  });

  it('to somebody who reads it', () => {
    const everything = load({
      ...SASL,
      ...CUSTOM,
      ...MTLS,
      VF_KAFKA_SSL_CA_FILE: 'ca',
      ...valuesOf(['VF_EMULATOR_', 'VF_FACEID_MAX', 'VF_TEMPORAL']),
    });
    const fields = leavesOf(inClear(everything));
    expect(fields.size).toBeGreaterThan(40);
    const code = sourceText(['src', 'workers'], 'src/config/');
    expect([...fields].filter((field) => !new RegExp(`\\b${field}\\b`).test(code))).toEqual([]);
  });
});

it('no term of a policy travels without a rule that obeys it', () => {
  const terms = Object.keys(resolvePolicy('issued', load({}).policy.settings));
  expect(terms.length).toBeGreaterThan(10);
  const rules = sourceText(['src/domain'], 'src/domain/policy.ts', 'src/domain/reading/plan.ts');
  expect(terms.filter((term) => !new RegExp(`\\.${term}\\b|[{,] ${term}[ ,]`).test(rules))).toEqual([]);
});

function valuesOf(prefixes: readonly string[]): Record<string, string> {
  const entries = Object.entries(OTHER).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)));
  return Object.fromEntries(entries.flatMap(([name, other]) => (typeof other === 'string' ? [[name, other]] : [])));
}

/** Names of the fields that hold no further ones. */
function leavesOf(value: unknown, name = ''): Set<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Set([name]);
  return new Set(Object.entries(value).flatMap(([field, part]) => [...leavesOf(part, field)]));
}
