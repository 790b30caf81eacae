import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { overlap, storeAddress } from '../../src/config/evidence-store.ts';
import type { Role } from '../../src/config/roles.ts';
import { ConfigurationError } from '../../src/contracts/errors.ts';

const KEY = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const REQUIRED = { VF_TOKEN_KEYS: KEY, VF_FACEID_API_KEY: 'invented', VF_FACEID_API_SECRET: 'invented', VF_SHUTDOWN_TIMEOUT: '60s' };
const FOLDERS = { VF_EVIDENCE_STORE: 'file:/srv/evidence', VF_EVIDENCE_KEY_STORE: 'file:/srv/keys', VF_EVIDENCE_KEYS: KEY };
const S3 = {
  VF_EVIDENCE_STORE: 's3://evidence/images',
  VF_EVIDENCE_KEY_STORE: 's3://keys',
  VF_EVIDENCE_KEYS: KEY,
  VF_EVIDENCE_S3_ACCESS_KEY_ID: 'access',
  VF_EVIDENCE_S3_SECRET_ACCESS_KEY: 's3cret',
};

function problemsOf(env: Readonly<Record<string, string>>, role: Role = 'worker'): readonly string[] {
  try {
    loadConfig({ ...REQUIRED, ...env }, role);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('the keys of evidence', () => {
  it.each([
    ['the id of an earlier one', 'k1', 8],
    ['the key of an earlier one under another id', 'k2', 7],
  ])('are refused where one repeats %s, because a rotation to it is none', (what, id, fill) => {
    const keys = `${KEY},${id}:${Buffer.alloc(32, fill).toString('base64')}`;
    for (const name of ['VF_EVIDENCE_KEYS', 'VF_TOKEN_KEYS'])
      expect(problemsOf({ ...FOLDERS, [name]: keys })).toEqual([expect.stringContaining(`${name}: entry 2 repeats ${what}`)]);
    expect(problemsOf({ ...FOLDERS, VF_EVIDENCE_KEYS: `${KEY},k2:${Buffer.alloc(32, 8).toString('base64')}` })).toEqual([]);
  });
});

describe('where evidence is kept', () => {
  it.each([
    ['file:/srv/evidence', { kind: 'folder', path: '/srv/evidence' }],
    ['file:///srv/evidence/', { kind: 'folder', path: '/srv/evidence' }],
    ['file:/srv/../srv/./evi%20dence', { kind: 'folder', path: '/srv/evi dence' }],
    ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '' }],
    ['s3://bucket/', { kind: 's3', bucket: 'bucket', prefix: '' }],
    ['s3://bucket/a/prefix', { kind: 's3', bucket: 'bucket', prefix: 'a/prefix/' }],
  ])('%s is understood', (text, address) => {
    expect(storeAddress().parse(text)).toEqual(address);
  });

  it.each([
    'file:relative',
    'file:./relative',
    'file://host/srv',
    'file:/',
    'file://',
    'file:/srv/..',
    'file:/a%2fb',
    'file:/a?b',
    '/srv/evidence',
    's3:bucket',
    's3://',
    's3://Bucket',
    's3://b',
    's3://bucket/..',
    's3://bucket/../x',
    's3://bucket/a//b',
    's3://bucket/a b',
    's3://user:s3cret@bucket',
    's3://bucket?x',
    'https://bucket',
    'on',
    'off',
  ])('%s is none, and is not repeated', (text) => {
    const parsed = storeAddress().safeParse(text);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).not.toContain('s3cret');
  });

  const folder = (path: string) => ({ kind: 'folder', path }) as const;
  const s3 = (bucket: string, prefix: string) => ({ kind: 's3', bucket, prefix }) as const;

  it.each([
    [folder('/srv/a'), folder('/srv/a'), true],
    [folder('/srv/a'), folder('/srv/a/keys'), true],
    [folder('/srv/a/b'), folder('/srv'), true],
    [folder('/srv/a'), folder('/srv/ab'), false],
    [s3('one', ''), s3('one', ''), true],
    [s3('one', ''), s3('one', 'keys/'), true],
    [s3('one', 'a/b/'), s3('one', 'a/'), true],
    [s3('one', 'a/'), s3('one', 'ab/'), false],
    [s3('one', ''), s3('two', ''), false],
    [folder('/one'), s3('one', ''), false],
  ])('%j and %j lie within each other: %s', (one, other, expected) => {
    expect([overlap(one, other), overlap(other, one)]).toEqual([expected, expected]);
  });
});

describe('settings of the evidence', () => {
  it('keep nothing unless a store is named, and then ask for keys in a place of their own', () => {
    expect(loadConfig(REQUIRED, 'worker').evidence).toBeUndefined();
    expect(problemsOf({ VF_EVIDENCE_STORE: 'file:/srv/evidence' })).toEqual([
      'VF_EVIDENCE_KEY_STORE: missing, VF_EVIDENCE_STORE needs it; name a bucket or folder of its own',
      'VF_EVIDENCE_KEYS: missing, VF_EVIDENCE_STORE needs it; set VF_EVIDENCE_KEYS or VF_EVIDENCE_KEYS_FILE',
    ]);
    expect(problemsOf(FOLDERS)).toEqual([]);
    expect(problemsOf(S3)).toEqual([]);
  });

  it.each(['ingress', 'emulator', 'cli'] as const)('ask nothing of role %s, which keeps none', (role) => {
    expect(problemsOf({ VF_EVIDENCE_STORE: 's3://evidence' }, role)).toEqual([]);
  });

  it.each([
    [
      { ...FOLDERS, VF_EVIDENCE_KEY_STORE: 'file:/srv/evidence/keys' },
      'VF_EVIDENCE_KEY_STORE',
      'erasing would be none; name another place',
    ],
    [{ ...S3, VF_EVIDENCE_KEY_STORE: 's3://evidence' }, 'VF_EVIDENCE_KEY_STORE', 'name another place'],
    [{ ...S3, VF_EVIDENCE_S3_SECRET_ACCESS_KEY: '' }, 'VF_EVIDENCE_S3_SECRET_ACCESS_KEY', 'a store in S3 needs it'],
    [{ ...S3, VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: 'own' }, 'VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY', 'set both or none'],
    [{ ...S3, VF_EVIDENCE_S3_ENDPOINT: 'http://minio:9000' }, 'VF_EVIDENCE_S3_ENDPOINT', 'plain HTTP to another machine'],
    [
      { ...S3, VF_EVIDENCE_KEY_STORE_S3_ENDPOINT: 'http://minio:9000' },
      'VF_EVIDENCE_KEY_STORE_S3_ENDPOINT',
      'plain HTTP to another machine',
    ],
    [{ ...S3, VF_EVIDENCE_S3_ENDPOINT: 'https://minio:9000/bucket' }, 'VF_EVIDENCE_S3_ENDPOINT', 'more than a host'],
    [
      { ...FOLDERS, VF_SHUTDOWN_TIMEOUT: '45s' },
      'VF_SHUTDOWN_TIMEOUT',
      'make it longer than 45s (15s for its turn, VF_FACEID_TIMEOUT and VF_EVIDENCE_TIMEOUT)',
    ],
    [
      { ...FOLDERS, VF_SHUTDOWN_TIMEOUT: '10s' },
      'VF_SHUTDOWN_TIMEOUT',
      '10s could cut off a read that keeps its evidence; make it longer than 45s',
    ],
    [{ ...FOLDERS, VF_EVIDENCE_MAX_BYTES: '67108864' }, 'VF_EVIDENCE_MEMORY', 'make it at least 536870912'],
  ])('%j: %s', (env, name, text) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: `));
    expect(problems[0]).toContain(text);
    expect(problems[0]).not.toContain('s3cret');
  });

  it('allow plain HTTP on this machine, and elsewhere when told to', () => {
    expect(problemsOf({ ...S3, VF_EVIDENCE_S3_ENDPOINT: 'http://127.0.0.1:9000' })).toEqual([]);
    expect(problemsOf({ ...S3, VF_EVIDENCE_S3_ENDPOINT: 'http://minio:9000', VF_EVIDENCE_S3_WITHOUT_TLS: 'true' })).toEqual([]);
  });

  it('give the key store the credentials of the evidence, or all of its own', () => {
    const own = { VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: 'own', VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY: 'own-s3cret' };
    const accessOf = (env: Readonly<Record<string, string>>) => {
      const keyStore = loadConfig({ ...REQUIRED, ...S3, VF_EVIDENCE_S3_SESSION_TOKEN: 'session', ...env }, 'worker').evidence?.keyStore;
      if (keyStore?.kind !== 's3') throw new Error('no key store in S3');
      const { endpoint, accessKeyId, secretAccessKey, sessionToken } = keyStore;
      return [endpoint, accessKeyId?.reveal(), secretAccessKey?.reveal(), sessionToken?.reveal()];
    };
    expect(accessOf({})).toEqual(['https://s3.us-east-1.amazonaws.com', 'access', 's3cret', 'session']);
    expect(accessOf(own)).toEqual(['https://s3.us-east-1.amazonaws.com', 'own', 'own-s3cret', undefined]);
  });

  it.each([
    [{}, 'VF_EVIDENCE_S3_REGION', 'VF_EVIDENCE_S3'],
    [{ VF_EVIDENCE_STORE: 'file:/srv/evidence' }, 'VF_EVIDENCE_S3_REGION', 'VF_EVIDENCE_S3'],
    [{ VF_EVIDENCE_KEY_STORE_S3_REGION: 'eu-central-1' }, 'VF_EVIDENCE_KEY_STORE_S3_REGION', 'VF_EVIDENCE_S3'],
    [
      { VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: 'access', VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY: 's3cret' },
      'VF_EVIDENCE_S3_REGION',
      'VF_EVIDENCE_KEY_STORE_S3',
    ],
  ])('%j: errors of the key store name %s, and settings that begin with %s', (env, regionSetting, serverSetting) => {
    const { keyStore } = loadConfig({ ...REQUIRED, ...S3, ...env }, 'worker').evidence ?? {};
    expect(keyStore).toMatchObject({ regionSetting, serverSetting });
  });
});
