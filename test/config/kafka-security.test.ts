import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigurationError } from '../../src/contracts/errors.ts';
import { createAuthority } from '../support/certificates.ts';

const PASSWORD = 'opens-the-key';
const authority = createAuthority('authority of the test');
const past = new Date('2020-01-02T03:04:05Z');
const ours = authority.issue({ name: 'ours' });
const encrypted = authority.issue({ name: 'encrypted', passphrase: PASSWORD });
const FILES: Readonly<Record<string, string>> = {
  ca: `# the authority of our cluster\n${authority.cert}`,
  cert: ours.cert,
  key: ours.key,
  chain: `${ours.cert}${authority.cert}`,
  crlf: ours.cert.replaceAll('\n', '\r\n'),
  'cert-and-key': `${ours.key}${ours.cert}`,
  'foreign-key': authority.issue({ name: 'other' }).key,
  'encrypted-cert': encrypted.cert,
  'encrypted-key': encrypted.key,
  'expired-cert': authority.issue({ name: 'old', notAfter: past }).cert,
  'early-cert': authority.issue({ name: 'new', notBefore: new Date(Date.now() + 3_600_000) }).cert,
  'some-expired': `${authority.issue({ name: 'old', notAfter: past }).cert}${authority.cert}`,
  jks: '\u00fe\u00ed\u00fe\u00ed binary',
  half: ours.cert.slice(0, 200),
  empty: '',
};

function load(env: Readonly<Record<string, string>>, role: 'cli' | 'all' = 'cli') {
  const readFile = (path: string): string => {
    const content = FILES[path];
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return content;
  };
  return loadConfig(env, role, { readFile });
}

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    load(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

const SSL = { VF_KAFKA_SSL: 'true' };
const ELSEWHERE = { VF_KAFKA_BROKERS: 'localhost:9092,kafka.example:9092' };
const PLAIN = { VF_KAFKA_SASL_MECHANISM: 'plain', VF_KAFKA_SASL_USERNAME: 'jane', VF_KAFKA_SASL_PASSWORD: 'invented-password' };
const OAUTH = {
  VF_KAFKA_SASL_MECHANISM: 'oauthbearer',
  VF_KAFKA_SASL_OAUTH_TOKEN_URL: 'https://idp.example/token/',
  VF_KAFKA_SASL_OAUTH_CLIENT_ID: 'client',
  VF_KAFKA_SASL_OAUTH_CLIENT_SECRET: 'invented-secret',
};

/** Each a mistake, the setting that is named first, and what is said of it. */
const MISTAKES: readonly (readonly [Readonly<Record<string, string>>, name: string, text: RegExp])[] = [
  [{ VF_KAFKA_SSL_CA_FILE: 'ca' }, 'VF_KAFKA_SSL_CA_FILE', /set, although VF_KAFKA_SSL is not true/],
  [{ VF_KAFKA_SSL_SERVER_NAME: 'kafka' }, 'VF_KAFKA_SSL_SERVER_NAME', /set, although VF_KAFKA_SSL is not true/],
  [{ ...SSL, VF_KAFKA_SSL_CERT_FILE: 'cert' }, 'VF_KAFKA_SSL_KEY_FILE', /missing, VF_KAFKA_SSL_CERT_FILE needs it/],
  [{ ...SSL, VF_KAFKA_SSL_KEY_FILE: 'key' }, 'VF_KAFKA_SSL_CERT_FILE', /missing, VF_KAFKA_SSL_KEY_FILE needs it/],
  [{ ...SSL, VF_KAFKA_SSL_KEY_PASSWORD: PASSWORD }, 'VF_KAFKA_SSL_KEY_PASSWORD', /set without a key to open/],
  [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'jks' }, 'VF_KAFKA_SSL_CA_FILE', /no certificate in PEM; convert it/],
  [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'key' }, 'VF_KAFKA_SSL_CA_FILE', /no certificate in PEM/],
  [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'half' }, 'VF_KAFKA_SSL_CA_FILE', /no certificate in PEM/],
  [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'empty' }, 'VF_KAFKA_SSL_CA_FILE', /is empty/],
  [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'nowhere' }, 'VF_KAFKA_SSL_CA_FILE', /cannot be read \(ENOENT\)/],
  [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'expired-cert' }, 'VF_KAFKA_SSL_CA_FILE', /every certificate in the file has expired/],
  [
    { ...SSL, VF_KAFKA_SSL_CERT_FILE: 'expired-cert', VF_KAFKA_SSL_KEY_FILE: 'key' },
    'VF_KAFKA_SSL_CERT_FILE',
    /has expired \(2020-01-02T03:04:05\.000Z\); renew it/,
  ],
  [{ ...SSL, VF_KAFKA_SSL_CERT_FILE: 'early-cert', VF_KAFKA_SSL_KEY_FILE: 'key' }, 'VF_KAFKA_SSL_CERT_FILE', /not valid before .*clock/],
  [{ ...SSL, VF_KAFKA_SSL_CERT_FILE: 'cert', VF_KAFKA_SSL_KEY_FILE: 'cert' }, 'VF_KAFKA_SSL_KEY_FILE', /no private key in PEM/],
  [
    { ...SSL, VF_KAFKA_SSL_CERT_FILE: 'cert', VF_KAFKA_SSL_KEY_FILE: 'foreign-key' },
    'VF_KAFKA_SSL_KEY_FILE',
    /not the key of the certificate/,
  ],
  [
    { ...SSL, VF_KAFKA_SSL_CERT_FILE: 'encrypted-cert', VF_KAFKA_SSL_KEY_FILE: 'encrypted-key' },
    'VF_KAFKA_SSL_KEY_FILE',
    /encrypted; set VF_KAFKA_SSL_KEY_PASSWORD/,
  ],
  [
    { ...SSL, VF_KAFKA_SSL_CERT_FILE: 'encrypted-cert', VF_KAFKA_SSL_KEY_FILE: 'encrypted-key', VF_KAFKA_SSL_KEY_PASSWORD: 'wrong-one' },
    'VF_KAFKA_SSL_KEY_FILE',
    /does not open with VF_KAFKA_SSL_KEY_PASSWORD/,
  ],
  [{ VF_KAFKA_SASL_USERNAME: 'jane' }, 'VF_KAFKA_SASL_USERNAME', /no SASL mechanism is; set VF_KAFKA_SASL_MECHANISM/],
  [{ VF_KAFKA_SASL_AWS_REGION: 'eu-west-1' }, 'VF_KAFKA_SASL_AWS_REGION', /no SASL mechanism is/],
  [{ VF_KAFKA_SASL_MECHANISM: 'scram-sha-512' }, 'VF_KAFKA_SASL_USERNAME', /VF_KAFKA_SASL_PASSWORD: missing/],
  [{ VF_KAFKA_SASL_MECHANISM: 'oauthbearer' }, 'VF_KAFKA_SASL_OAUTH_TOKEN_URL', /_CLIENT_ID, VF_KAFKA_SASL_OAUTH_CLIENT_SECRET: missing/],
  [{ VF_KAFKA_SASL_MECHANISM: 'aws-msk-iam' }, 'VF_KAFKA_SASL_AWS_REGION', /missing/],
  [
    { VF_KAFKA_SASL_MECHANISM: 'gssapi' },
    'VF_KAFKA_SASL_MECHANISM',
    /one of plain, scram-sha-256, scram-sha-512, oauthbearer, aws-msk-iam/,
  ],
  [{ ...OAUTH, VF_KAFKA_SASL_USERNAME: 'jane' }, 'VF_KAFKA_SASL_USERNAME', /VF_KAFKA_SASL_MECHANISM=oauthbearer does not use it/],
  [{ ...PLAIN, VF_KAFKA_SASL_OAUTH_SCOPE: 'x' }, 'VF_KAFKA_SASL_OAUTH_SCOPE', /VF_KAFKA_SASL_MECHANISM=plain does not use it/],
  [{ ...OAUTH, VF_KAFKA_SASL_OAUTH_TOKEN_URL: 'http://idp.example/token' }, 'VF_KAFKA_SASL_OAUTH_TOKEN_URL', /plain HTTP/],
  [{ ...OAUTH, VF_KAFKA_SASL_OAUTH_TOKEN_URL: 'https://a:b@idp.example/' }, 'VF_KAFKA_SASL_OAUTH_TOKEN_URL', /holds credentials/],
  [{ ...OAUTH, VF_KAFKA_SASL_OAUTH_TOKEN_URL: 'idp.example' }, 'VF_KAFKA_SASL_OAUTH_TOKEN_URL', /is not a URL/],
  [{ ...OAUTH, VF_KAFKA_SASL_OAUTH_EXTENSIONS: 'a=b,auth=c' }, 'VF_KAFKA_SASL_OAUTH_EXTENSIONS', /entry 2 is no extension/],
  [{ ...OAUTH, VF_KAFKA_SASL_OAUTH_EXTENSIONS: 'a=b\u0001c' }, 'VF_KAFKA_SASL_OAUTH_EXTENSIONS', /entry 1 is no extension/],
  [{ ...OAUTH, VF_KAFKA_SASL_OAUTH_CA_FILE: 'jks' }, 'VF_KAFKA_SASL_OAUTH_CA_FILE', /no certificate in PEM/],
  [{ ...PLAIN, ...ELSEWHERE }, 'VF_KAFKA_SASL_MECHANISM', /in clear; set VF_KAFKA_SSL=true, or VF_KAFKA_SASL_WITHOUT_TLS=true/],
  [{ ...OAUTH, ...ELSEWHERE }, 'VF_KAFKA_SASL_MECHANISM', /in clear/],
  [{ VF_TEMPORAL_API_KEY_FILE: 'ca', TEMPORAL_API_KEY: 'invented' }, 'VF_TEMPORAL_API_KEY_FILE', /both set/],
  [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED', /lets anybody pose.*VF_KAFKA_SSL_CA_FILE.*NODE_EXTRA_CA_CERTS/],
];

describe('security settings that do not go together are named, each with its remedy and without its value', () => {
  it.each(MISTAKES)('%o', (env, name, text) => {
    const problems = problemsOf(env);
    expect(problems).toEqual([expect.stringMatching(text)]);
    expect(problems[0]).toMatch(new RegExp(`^${name}\\b`));
    for (const secret of [PASSWORD, 'wrong-one', 'jane', 'invented', 'idp.example', 'PRIVATE']) expect(problems[0]).not.toContain(secret);
  });
});

describe('security settings that go together', () => {
  it.each([
    [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'ca' }],
    [{ ...SSL, VF_KAFKA_SSL_CA_FILE: 'some-expired' }],
    [{ ...SSL, VF_KAFKA_SSL_CERT_FILE: 'chain', VF_KAFKA_SSL_KEY_FILE: 'key' }],
    [{ ...SSL, VF_KAFKA_SSL_CERT_FILE: 'crlf', VF_KAFKA_SSL_KEY_FILE: 'cert-and-key' }],
    [{ ...PLAIN, ...ELSEWHERE, ...SSL }],
    [{ ...PLAIN, ...ELSEWHERE, VF_KAFKA_SASL_WITHOUT_TLS: 'true' }],
    [{ ...PLAIN, VF_KAFKA_BROKERS: '127.0.0.1:9092,LOCALHOST:9093' }],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '1' }],
  ])('are accepted: %o', (env) => {
    expect(problemsOf(env)).toEqual([]);
  });

  it('give the decrypted key as a secret, and a token address as it was written', () => {
    const { kafka } = load({
      ...SSL,
      ...OAUTH,
      VF_KAFKA_SSL_CERT_FILE: 'encrypted-cert',
      VF_KAFKA_SSL_KEY_FILE: 'encrypted-key',
      VF_KAFKA_SSL_KEY_PASSWORD: PASSWORD,
    });
    expect(kafka.tls.key?.reveal()).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(JSON.stringify(kafka)).not.toContain('PRIVATE');
    expect(kafka.sasl).toMatchObject({ tokenUrl: 'https://idp.example/token/' });
  });
});
