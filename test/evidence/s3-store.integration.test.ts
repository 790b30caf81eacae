import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKeyRecords } from '../../src/evidence/key-records.ts';
import { createS3Store, type S3Credentials } from '../../src/evidence/s3-store.ts';
import { openFaultyProxy } from '../support/faulty-proxy.ts';
import { lacking } from '../support/lacking.ts';
import { type ObjectStore, startObjectStore } from '../support/object-store.ts';
import { ID, MANDATE } from './rig.ts';
import { allOf, PROMISES } from './store-contract.ts';

/** Once ever the server is built, which takes minutes. */
const BUILD_LIMIT_MS = 900_000;

let server: ObjectStore | { readonly missing: string };
const cleanUps: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  server = await startObjectStore();
}, BUILD_LIMIT_MS);
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});
afterAll(async () => {
  if ('stop' in server) await server.stop();
});

type Other = {
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: S3Credentials;
  readonly requestTimeoutMs?: number;
};

function storeAt({ endpoint, region, accessKeyId, secretAccessKey }: ObjectStore, other: Other = {}) {
  const { credentials = { accessKeyId, secretAccessKey }, ...rest } = other;
  const names = { setting: 'VF_EVIDENCE_STORE', serverSetting: 'VF_EVIDENCE_S3' };
  const store = createS3Store({ ...names, endpoint, region, bucket: 'none', prefix: 'a/prefix/', ...rest, credentials: () => credentials });
  cleanUps.push(async () => await store.close());
  return store;
}

async function newBucket(on: ObjectStore): Promise<string> {
  const bucket = `b-${randomUUID()}`;
  await on.createBucket(bucket);
  return bucket;
}

/** The server, or a skip that is told. */
function here(context: { skip(condition: boolean): void }, tests: string): ObjectStore {
  if ('missing' in server) {
    context.skip(lacking(server.missing, { tests }));
    throw new Error(server.missing);
  }
  return server;
}

describe('a bucket as a store', () => {
  it.for(PROMISES)('%s', async ([name, shown], context) => {
    const on = here(context, name);
    expect(await shown(storeAt(on, { bucket: await newBucket(on) }))).toBeUndefined();
  });

  it('lists more than one page, and keeps to its prefix', async (context) => {
    const on = here(context, 'long listings');
    const bucket = await newBucket(on);
    const store = storeAt(on, { bucket });
    const names = Array.from({ length: 1_050 }, (_, at) => `many/n${at}`);
    await Promise.all(names.map(async (name) => await store.create(name, Buffer.from('x'))));
    await createS3Store({
      setting: 's',
      serverSetting: 's',
      endpoint: on.endpoint,
      region: on.region,
      bucket,
      prefix: 'another/',
      credentials: () => on,
    }).create('many/other', Buffer.from('x'));
    expect((await allOf(store.list('many/'))).map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it('names the bucket that is missing', async (context) => {
    const store = storeAt(here(context, 'a missing bucket'), { bucket: 'no-such-bucket' });
    const message = 'VF_EVIDENCE_STORE: there is no such bucket; make it, or name another (NoSuchBucket, status 404)';
    await expect(store.create('a/b', Buffer.from('x'))).rejects.toMatchObject({ why: 'REFUSED', message });
    await expect(store.read('a/b')).rejects.toMatchObject({ why: 'REFUSED', message });
    await expect(allOf(store.list(''))).rejects.toMatchObject({ why: 'REFUSED', message });
  });

  it.for([
    ['secret', (on: ObjectStore) => ({ credentials: { ...on, secretAccessKey: 'wrong' } }), /^VF_EVIDENCE_S3_SECRET_ACCESS_KEY: /],
    ['access key', () => ({ credentials: { accessKeyId: 'nobody', secretAccessKey: 'wrong' } }), /^VF_EVIDENCE_S3_ACCESS_KEY_ID: /],
    ['region', () => ({ region: 'eu-central-1' }), /^VF_EVIDENCE_S3_REGION: /],
  ] as const)('names the setting of a wrong %s, and nothing of its value', async ([what, other, message], context) => {
    const on = here(context, `a wrong ${what}`);
    context.skip(lacking(on.checksSecrets ? undefined : `${on.name} takes any ${what}`, { tests: `a wrong ${what}` }));
    const store = storeAt(on, { bucket: await newBucket(on), ...other(on) });
    for (const work of [
      async () => await store.create('a/b', Buffer.from('x')),
      async () => await store.read('a/b'),
      async () => await allOf(store.list('')),
    ]) {
      const error: unknown = await work().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ why: 'REFUSED', message: expect.stringMatching(message) });
      expect(String(error)).not.toMatch(/wrong|nobody/);
    }
  });

  it.for([-3_600_000, 3_600_000])('says that the clocks differ by %i ms, and what to do', async (offsetMs, context) => {
    const on = here(context, 'a wrong clock');
    context.skip(lacking(on.checksSecrets ? undefined : `${on.name} takes any time`, { tests: 'a wrong clock' }));
    const store = storeAt(on, { bucket: await newBucket(on) });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offsetMs });
    await expect(store.create('a/b', Buffer.from('x'))).rejects.toMatchObject({
      why: 'REFUSED',
      message: expect.stringMatching(/^VF_EVIDENCE_STORE: the clocks .*; set this machine's clock, or the server's/),
    });
  });

  it('waits for no answer longer than it may, and goes on once the way is open', async (context) => {
    const on = here(context, 'a store that does not answer');
    const proxy = await openFaultyProxy(on.port);
    cleanUps.push(() => proxy.close());
    const bucket = await newBucket(on);
    const store = storeAt(on, { bucket, endpoint: `http://127.0.0.1:${proxy.port}`, requestTimeoutMs: 300 });
    expect(await store.create('a/b', Buffer.from('x'))).toBe('CREATED');
    proxy.swallow();
    const startedAtMs = Date.now();
    await expect(store.read('a/b')).rejects.toMatchObject({
      why: 'UNREACHABLE',
      message: expect.stringContaining('no answer within 0.3 s'),
    });
    expect(Date.now() - startedAtMs).toBeLessThan(3_000);
    proxy.heal();
    expect((await store.read('a/b'))?.bytes).toHaveLength(1);
  });

  it('is told from a server that is away', async (context) => {
    const on = here(context, 'a server that is away');
    const store = storeAt(on, { bucket: await newBucket(on) });
    await store.create('a/b', Buffer.from('x'));
    await on.kill('SIGKILL');
    await expect(store.read('a/b')).rejects.toMatchObject({ why: 'UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') });
    await on.restart();
    if (on.dataDir !== undefined) expect((await store.read('a/b'))?.bytes).toHaveLength(1);
  });

  it('says that the disk of the server is full', async (context) => {
    const on = here(context, 'a full server');
    const dataDir = mkdtempSync(join(tmpdir(), 'small-'));
    cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const isMounted = on.dataDir !== undefined && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dataDir]).status === 0;
    context.skip(lacking(isMounted ? undefined : 'no small file system for a server that keeps files', { tests: 'a full server' }));
    cleanUps.unshift(() => void spawnSync('umount', ['-l', dataDir]));
    const small = await startObjectStore({ dataDir });
    if ('missing' in small) throw new Error(small.missing);
    cleanUps.unshift(async () => await small.stop());
    const store = storeAt(small, { bucket: await newBucket(small) });
    await expect(store.create('a/b', randomBytes(3_000_000))).rejects.toMatchObject({ why: 'FULL' });
    expect(await store.create('a/b', Buffer.from('x'))).toBe('CREATED');
  });

  it('refuses a bucket with versions for keys: what is destroyed there could be had back', async (context) => {
    const on = here(context, 'a bucket with versions');
    const bucket = `b-${randomUUID()}`;
    await on.createBucket(bucket, { versions: true });
    const records = createKeyRecords(storeAt(on, { bucket }));
    await expect(
      records.erase({ v: 1, verificationId: ID, erasedAt: new Date().toISOString(), by: MANDATE, order: '1' }),
    ).rejects.toMatchObject({
      why: 'REFUSED',
      message: 'VF_EVIDENCE_KEY_STORE: it keeps versions, so a key that was destroyed could be had back; use a bucket without',
    });
  });
});
