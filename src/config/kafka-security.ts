import { areLoopback } from '../contracts/loopback.ts';
import { defined } from '../domain/defined.ts';
import type { SaslConfig, TlsConfig } from './config.ts';
import type { Env } from './env.ts';
import type { SaslMechanism } from './env-kafka-security.ts';
import { readAuthorities, readCertificate, readPrivateKey } from './pem.ts';
import { finding, type Problem } from './problem.ts';
import { Secret } from './redact.ts';
import { type ReadFile, tryRead } from './secret-files.ts';

/**
 * What files hold that have no variable to hold it instead: PEM for the brokers, the token endpoint and the codec server, and
 * Temporal's API key.
 */
export type FileContents = {
  readonly tls: Omit<TlsConfig, 'serverName'>;
  readonly tokenCa?: string;
  readonly temporalApiKey?: Secret;
  readonly codecTls?: { readonly cert: string; readonly key: Secret };
};

const OF_TLS = [
  'VF_KAFKA_SSL_CA_FILE',
  'VF_KAFKA_SSL_CERT_FILE',
  'VF_KAFKA_SSL_KEY_FILE',
  'VF_KAFKA_SSL_KEY_PASSWORD',
  'VF_KAFKA_SSL_SERVER_NAME',
] as const;

type SaslRule = { readonly needs: readonly (keyof Env)[]; readonly takes?: readonly (keyof Env)[] };

const BY_PASSWORD: SaslRule = { needs: ['VF_KAFKA_SASL_USERNAME', 'VF_KAFKA_SASL_PASSWORD'] };

/** Which settings belong to which mechanism. */
const SASL_RULES: Readonly<Record<SaslMechanism, SaslRule>> = {
  plain: BY_PASSWORD,
  'scram-sha-256': BY_PASSWORD,
  'scram-sha-512': BY_PASSWORD,
  oauthbearer: {
    needs: ['VF_KAFKA_SASL_OAUTH_TOKEN_URL', 'VF_KAFKA_SASL_OAUTH_CLIENT_ID', 'VF_KAFKA_SASL_OAUTH_CLIENT_SECRET'],
    takes: ['VF_KAFKA_SASL_OAUTH_SCOPE', 'VF_KAFKA_SASL_OAUTH_EXTENSIONS', 'VF_KAFKA_SASL_OAUTH_CA_FILE'],
  },
  'aws-msk-iam': { needs: ['VF_KAFKA_SASL_AWS_REGION'] },
};

/** Settings of TLS and SASL that do not go together, or not with the brokers. */
export function kafkaSecurityFindings(env: Env): readonly Problem[] {
  return [...tlsFindings(env), ...saslFindings(env), ...openSaslFindings(env)];
}

function tlsFindings(env: Env): Problem[] {
  const unused = env.VF_KAFKA_SSL ? [] : OF_TLS.filter((name) => env[name] !== undefined);
  const findings = unused.map((name) =>
    finding([name, 'VF_KAFKA_SSL'], 'set, although VF_KAFKA_SSL is not true; set that too, or remove it'),
  );
  const { VF_KAFKA_SSL_CERT_FILE: cert, VF_KAFKA_SSL_KEY_FILE: key, VF_KAFKA_SSL_KEY_PASSWORD: password } = env;
  if (cert !== undefined && key === undefined)
    findings.push(
      finding(['VF_KAFKA_SSL_KEY_FILE', 'VF_KAFKA_SSL_CERT_FILE'], 'missing, VF_KAFKA_SSL_CERT_FILE needs it; set both or none'),
    );
  if (key !== undefined && cert === undefined)
    findings.push(
      finding(['VF_KAFKA_SSL_CERT_FILE', 'VF_KAFKA_SSL_KEY_FILE'], 'missing, VF_KAFKA_SSL_KEY_FILE needs it; set both or none'),
    );
  if (password !== undefined && key === undefined)
    findings.push(
      finding(['VF_KAFKA_SSL_KEY_PASSWORD', 'VF_KAFKA_SSL_KEY_FILE'], 'set without a key to open; set VF_KAFKA_SSL_KEY_FILE, or remove it'),
    );
  return findings;
}

function saslFindings(env: Env): Problem[] {
  const mechanism = env.VF_KAFKA_SASL_MECHANISM;
  const rule: SaslRule = mechanism === undefined ? { needs: [] } : SASL_RULES[mechanism];
  const wanted = new Set<keyof Env>([...rule.needs, ...(rule.takes ?? [])]);
  const all = new Set(Object.values(SASL_RULES).flatMap(({ needs, takes = [] }) => [...needs, ...takes]));
  const foreign = [...all].filter((name) => !wanted.has(name) && env[name] !== undefined);
  const missing = rule.needs.filter((name) => env[name] === undefined);
  const remedy = mechanism === undefined ? 'set VF_KAFKA_SASL_MECHANISM, or remove it' : `remove it, or name another mechanism`;
  const why = mechanism === undefined ? 'no SASL mechanism is' : `VF_KAFKA_SASL_MECHANISM=${mechanism} does not use it`;
  const findings = foreign.map((name) => finding([name, 'VF_KAFKA_SASL_MECHANISM'], `set, although ${why}; ${remedy}`));
  if (missing.length === 0) return findings;
  const names = ['VF_KAFKA_SASL_MECHANISM', ...rule.needs];
  return [
    ...findings,
    {
      variables: names,
      text: `${missing.join(', ')}: missing although SASL is configured in part; set all of ${names.join(', ')} or none`,
    },
  ];
}

function openSaslFindings(env: Env): Problem[] {
  if (env.VF_KAFKA_SASL_MECHANISM === undefined || env.VF_KAFKA_SSL || env.VF_KAFKA_SASL_WITHOUT_TLS) return [];
  if (areLoopback(env.VF_KAFKA_BROKERS)) return [];
  const names = ['VF_KAFKA_SASL_MECHANISM', 'VF_KAFKA_SSL', 'VF_KAFKA_BROKERS', 'VF_KAFKA_SASL_WITHOUT_TLS'] as const;
  const text =
    'credentials and records would cross the network in clear; set VF_KAFKA_SSL=true, or VF_KAFKA_SASL_WITHOUT_TLS=true to allow it';
  return [finding(names, text)];
}

/** Reads the files that the settings name; each has its problem. */
export function readFiles(env: Env, { readFile, nowMs }: { readonly readFile: ReadFile; readonly nowMs: number }) {
  const problems: Problem[] = [];
  function read<T>(name: keyof Env, parse: (text: string) => { readonly value: T } | { readonly problem: string }): T | undefined {
    const path = env[name];
    if (typeof path !== 'string') return undefined;
    const content = tryRead(path, readFile);
    const parsed = 'problem' in content ? content : parse(content.text);
    if ('value' in parsed) return parsed.value;
    problems.push(finding([name], parsed.problem));
    return undefined;
  }
  const ca = read('VF_KAFKA_SSL_CA_FILE', (text) => readAuthorities(text, nowMs));
  const tokenCa = read('VF_KAFKA_SASL_OAUTH_CA_FILE', (text) => readAuthorities(text, nowMs));
  function readPair(files: readonly [certFile: keyof Env, keyFile: keyof Env], opening: Parameters<typeof readPrivateKey>[1]) {
    const [certFile, keyFile] = files;
    const cert = read(certFile, (text) => readCertificate(text, nowMs));
    const key = read(keyFile, (text) => readPrivateKey(text, opening));
    if (cert !== undefined && key !== undefined && !cert.own.checkPrivateKey(key))
      problems.push(finding([keyFile], `is not the key of the certificate in ${certFile}; give the two that belong together`));
    return defined({ cert: cert?.pem, key: key && new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString()) });
  }
  const ofKafka = readPair(['VF_KAFKA_SSL_CERT_FILE', 'VF_KAFKA_SSL_KEY_FILE'], {
    password: env.VF_KAFKA_SSL_KEY_PASSWORD,
    remedy: 'set VF_KAFKA_SSL_KEY_PASSWORD',
  });
  const { cert, key } = readPair(['VF_CODEC_TLS_CERT_FILE', 'VF_CODEC_TLS_KEY_FILE'], { remedy: 'write it without a password' });
  const codecTls = cert === undefined || key === undefined ? undefined : { cert, key };
  const temporalApiKey = read('VF_TEMPORAL_API_KEY_FILE', (text) => ({ value: new Secret(text.trim()) }));
  const files: FileContents = { tls: { ...defined({ ca }), ...ofKafka }, ...defined({ tokenCa, temporalApiKey, codecTls }) };
  return { files, problems };
}

/** Undefined without a mechanism, and where a finding says what is missing. */
export function saslConfig(env: Env, tokenCa: string | undefined): SaslConfig | undefined {
  const { VF_KAFKA_SASL_MECHANISM: mechanism, VF_KAFKA_SASL_USERNAME: username, VF_KAFKA_SASL_PASSWORD: password } = env;
  if (mechanism === undefined) return undefined;
  if (mechanism === 'aws-msk-iam') {
    const region = env.VF_KAFKA_SASL_AWS_REGION;
    return region === undefined ? undefined : { mechanism, region };
  }
  if (mechanism === 'oauthbearer') return oauthConfig(env, tokenCa);
  return username === undefined || password === undefined ? undefined : { mechanism, username, password: new Secret(password) };
}

function oauthConfig(env: Env, ca: string | undefined): SaslConfig | undefined {
  const {
    VF_KAFKA_SASL_OAUTH_TOKEN_URL: tokenUrl,
    VF_KAFKA_SASL_OAUTH_CLIENT_ID: clientId,
    VF_KAFKA_SASL_OAUTH_CLIENT_SECRET: clientSecret,
    VF_KAFKA_SASL_OAUTH_SCOPE: scope,
    VF_KAFKA_SASL_OAUTH_EXTENSIONS: extensions,
  } = env;
  if (tokenUrl === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  return { mechanism: 'oauthbearer', tokenUrl, clientId, clientSecret: new Secret(clientSecret), ...defined({ scope, extensions, ca }) };
}
