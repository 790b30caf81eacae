import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verificationIdFromDigest } from '../../src/domain/ids.ts';
import { createEvidenceKeeper } from '../../src/evidence/keeper.ts';
import { createS3Store } from '../../src/evidence/s3-store.ts';
import { createEvidenceVault } from '../../src/evidence/vault.ts';
import { lacking } from '../support/lacking.ts';
import { type ObjectStore, startObjectStore } from '../support/object-store.ts';
import { everythingIn, MANDATE, NEW_KEY, OLD_KEY } from './rig.ts';
import { allOf } from './store-contract.ts';

let server: ObjectStore | { readonly missing: string };
beforeAll(async () => {
  server = await startObjectStore();
}, 900_000);
afterAll(async () => {
  if ('stop' in server) await server.stop();
});

/** Starts like a JPEG, and then is like no other. */
function image(bytes: number): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes)]);
}

const newId = (): string => verificationIdFromDigest(randomBytes(32));

async function openAll(on: ObjectStore, memoryBytes = 64_000_000) {
  const [bucket, keyBucket] = [`e-${randomUUID()}`, `k-${randomUUID()}`];
  for (const name of [bucket, keyBucket]) await on.createBucket(name);
  const at = (name: string, setting: string) =>
    createS3Store({
      setting,
      serverSetting: 'VF_EVIDENCE_S3',
      endpoint: on.endpoint,
      region: on.region,
      bucket: name,
      prefix: '',
      credentials: () => on,
    });
  const stores = {
    objects: at(bucket, 'VF_EVIDENCE_STORE'),
    keyStore: at(keyBucket, 'VF_EVIDENCE_KEY_STORE'),
    keys: { current: () => [OLD_KEY] },
  };
  const lost: string[] = [];
  let retries = 0;
  const keeper = createEvidenceKeeper({
    ...stores,
    ttlMs: 3_600_000,
    maxBytes: 16_000_000,
    memoryBytes,
    events: { kept: () => undefined, lost: ({ why }) => void lost.push(why), retried: () => void (retries += 1) },
  });
  return { stores, keeper, vault: createEvidenceVault(stores), lost, retries: () => retries };
}

describe('evidence in a real S3 server', () => {
  it('of 60 verifications is kept whole while the server is killed and started again, in bounded memory', async (context) => {
    if ('missing' in server) return context.skip(lacking(server.missing, { tests: 'evidence in S3' }));
    const forgets = server.dataDir === undefined ? `${server.name} forgets all when it is killed` : undefined;
    context.skip(lacking(forgets, { tests: 'a killed server' }));
    const { keeper, vault, lost, retries } = await openAll(server, 7_000_000);
    const images = Array.from({ length: 60 }, () => ({ verificationId: newId(), bytes: image(100_000) }));
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, keeper.heldBytes())), 2);
    const keeping = Promise.all(
      images.map(async ({ verificationId, bytes }) => {
        const found = [{ kind: 'IMAGE_BEST', contentType: 'image/jpeg', bytes } as const];
        return await keeper.keep({ verificationId, found, untilMs: Date.now() + 20_000 });
      }),
    );
    await server.kill('SIGKILL');
    await server.restart();
    await server.kill('SIGKILL');
    await server.restart();
    const kept = await keeping;
    clearInterval(watch);
    expect(lost).toEqual([]);
    expect(retries()).toBeGreaterThan(0);
    for (const [at, { verificationId, bytes }] of images.entries()) {
      const object = kept[at]?.references[0]?.object ?? '';
      expect([verificationId, bytes.equals(await vault.open({ verificationId, object }))]).toEqual([verificationId, true]);
    }
    process.stdout.write(`evidence in S3: at most ${most} of 7000000 bytes held at once; ${retries()} requests made again\n`);
    expect(most).toBeLessThanOrEqual(7_000_000);
  });

  it('is readable nowhere in its files, and after erasing not even with the key-encryption key', async (context) => {
    if ('missing' in server) return context.skip(lacking(server.missing, { tests: 'evidence in S3' }));
    const { keeper, vault } = await openAll(server, 128_000_000);
    const verificationId = newId();
    const bytes = image(12 * 1_048_576);
    const found = (['IMAGE_BEST', 'IMAGE_BEST_2', 'MULTIFACES_IMAGE'] as const).map((kind) => ({ kind, contentType: 'image/jpeg', bytes }));
    const { references, failures } = await keeper.keep({ verificationId, found, untilMs: Date.now() + 20_000 });
    expect([references.length, failures]).toEqual([3, undefined]);
    const object = references[0]?.object ?? '';
    const { dataDir } = server;
    if (dataDir !== undefined) {
      const everything = everythingIn(dataDir);
      expect(everything.includes(object)).toBe(true);
      const shown = [
        bytes.subarray(4, 24),
        Buffer.from(bytes.subarray(3, 27).toString('base64')),
        OLD_KEY.key,
        Buffer.from(OLD_KEY.key.toString('base64')),
      ];
      expect(shown.map((one) => everything.includes(one))).toEqual([false, false, false, false]);
    }
    expect(await vault.erase(verificationId, { mandate: MANDATE })).toMatchObject({ result: 'ERASED', keysDeleted: 1, objectsDeleted: 3 });
    await expect(vault.open({ verificationId, object })).rejects.toThrow(/was erased/);
    if (dataDir !== undefined) {
      const left = everythingIn(dataDir).toString('latin1');
      expect(left.match(new RegExp(`.{0,40}wrapped.{0,40}${verificationId}|${verificationId}.{0,200}wrapped`, 's'))).toBeNull();
      expect(left).not.toContain(object.split('/')[1]);
    }
  });

  it('is held, wrapped anew and swept there as in a folder', async (context) => {
    if ('missing' in server) return context.skip(lacking(server.missing, { tests: 'evidence in S3' }));
    const { keeper, vault, stores } = await openAll(server);
    const ids = [newId(), newId(), newId()];
    for (const verificationId of ids)
      await keeper.keep({
        verificationId,
        found: [{ kind: 'IMAGE_BEST', contentType: 'image/jpeg', bytes: image(50) }],
        untilMs: Date.now() + 20_000,
      });
    const [held = '', erased = '', plain = ''] = ids;
    await vault.hold(held, MANDATE);
    const rotated = createEvidenceVault({ ...stores, keys: { current: () => [NEW_KEY, OLD_KEY] } });
    expect(await Promise.all(ids.map(async (id) => await rotated.rewrap(id)))).toEqual(['REWRAPPED', 'REWRAPPED', 'REWRAPPED']);
    expect((await vault.erase(held, { mandate: MANDATE })).result).toBe('HELD');
    expect((await vault.erase(erased, { mandate: MANDATE })).result).toBe('ERASED');
    const records = new Map((await allOf(vault.records())).map(({ verificationId, state }) => [verificationId, state]));
    expect(records.get(held)).toMatchObject({ kind: 'KEPT', keyId: 'k2', hold: MANDATE });
    expect(records.get(erased)).toMatchObject({ kind: 'ERASED', by: MANDATE });
    expect(records.get(plain)).toMatchObject({ kind: 'KEPT', keyId: 'k2' });
    expect(await allOf(vault.orphans())).toEqual([]);
  });
});
