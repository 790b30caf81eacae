import { copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigurationError, DependencyUnavailableError, EvidenceUnreadableError } from '../../src/contracts/errors.ts';
import { SWEEPER } from '../../src/contracts/mandate.ts';
import { StoreError } from '../../src/evidence/blob-store.ts';
import { createEvidenceVault } from '../../src/evidence/vault.ts';
import { ANSWER, dyingAfter, everythingIn, ID, IMAGE, losing, MANDATE, NEW_KEY, OLD_KEY, openRig, OTHER_ID } from './rig.ts';
import { allOf } from './store-contract.ts';

type Rig = ReturnType<typeof openRig>;

const rigs: Rig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close();
});
function newRig(options: Parameters<typeof openRig>[0] = {}): Rig {
  const rig = openRig(options);
  rigs.push(rig);
  return rig;
}

async function objectOf({ vault }: Rig, verificationId = ID, kind = 'IMAGE_BEST'): Promise<string> {
  const { objects } = await vault.list(verificationId);
  return objects.find((one) => one.kind === kind)?.object ?? '';
}

describe('the vault', () => {
  it('lists what is kept of a verification, and says that nothing is of another', async () => {
    const rig = newRig();
    await rig.keep();
    const { objects, state } = await rig.vault.list(ID);
    expect(state).toMatchObject({ kind: 'KEPT', keyId: 'k1' });
    expect(
      objects.map(({ kind, contentType, bytes }) => ({ kind, contentType, bytes })).toSorted((a, b) => a.kind.localeCompare(b.kind)),
    ).toEqual([
      { kind: 'IMAGE_BEST', contentType: 'image/jpeg', bytes: IMAGE.bytes.length },
      { kind: 'VENDOR_ANSWER', contentType: 'application/json', bytes: ANSWER.bytes.length },
    ]);
    expect(await rig.vault.list(OTHER_ID)).toEqual({ verificationId: OTHER_ID, state: { kind: 'NOTHING' }, objects: [] });
  });

  it.each<readonly [string, RegExp, (rig: Rig, object: string) => Promise<void> | void]>([
    [
      'truncated',
      /truncated or altered/,
      ({ root }, object) => truncateSync(join(root, object), readFileSync(join(root, object)).length - 1),
    ],
    ['emptied', /no envelope of ours/, ({ root }, object) => truncateSync(join(root, object), 0)],
    [
      'put in the place of another object',
      /another verification or object/,
      async (rig, object) => copyFileSync(join(rig.root, await objectOf(rig, ID, 'VENDOR_ANSWER')), join(rig.root, object)),
    ],
    [
      'put in the place of that of another verification',
      /another verification or object/,
      async (rig, object) => {
        await rig.keep(OTHER_ID);
        copyFileSync(join(rig.root, await objectOf(rig, OTHER_ID)), join(rig.root, object));
      },
    ],
    ['of others', /no envelope of ours/, ({ root }, object) => writeFileSync(join(root, object), 'GIF89a')],
    ['gone', /is not there/, async ({ objects }, object) => await objects.delete(object)],
    [
      'under a key record that was put there',
      /no key record of that verification/,
      async (rig) => {
        await rig.keep(OTHER_ID);
        copyFileSync(join(rig.keyRoot, 'keys', `${OTHER_ID}.json`), join(rig.keyRoot, 'keys', `${ID}.json`));
      },
    ],
    [
      'under the key of another verification',
      /another verification/,
      async (rig) => {
        await rig.keep(OTHER_ID);
        const text = readFileSync(join(rig.keyRoot, 'keys', `${OTHER_ID}.json`), 'utf8');
        writeFileSync(join(rig.keyRoot, 'keys', `${ID}.json`), text.replaceAll(OTHER_ID, ID));
      },
    ],
  ])('opens no object that is %s', async (_, message, harm) => {
    const rig = newRig();
    await rig.keep();
    const object = await objectOf(rig);
    await harm(rig, object);
    const error: unknown = await rig.vault.open({ verificationId: ID, object }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EvidenceUnreadableError);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain('face');
  });

  it.each(['../keys/x', `${OTHER_ID}/image_best-0011223344556677`, `${ID}/../${OTHER_ID}/x`, '', `${ID}/`, `/etc/passwd`])(
    'opens no object %s of the verification',
    async (object) => {
      const rig = newRig();
      await rig.keep();
      await expect(rig.vault.open({ verificationId: ID, object })).rejects.toThrow(EvidenceUnreadableError);
    },
  );

  it('says which key is missing, whose store is another, and what was erased', async () => {
    const rig = newRig();
    await rig.keep();
    const object = await objectOf(rig);
    const place = { verificationId: ID, object };
    const keyless = createEvidenceVault({ ...rig, keys: { current: () => [NEW_KEY] } });
    await expect(keyless.open(place)).rejects.toThrow(/"k1", which VF_EVIDENCE_KEYS does not hold/);
    await expect(newRigBeside(rig).open(place)).rejects.toThrow(/VF_EVIDENCE_KEY_STORE names another store/);
    await rig.vault.erase(ID, { mandate: MANDATE });
    await expect(rig.vault.open(place)).rejects.toThrow(/was erased at 20/);
  });

  it('tells an absent store from one that refuses us', async () => {
    const rig = newRig();
    const failing = (error: StoreError) => createEvidenceVault({ ...rig, keys: { current: () => [OLD_KEY] }, keyStore: dying(rig, error) });
    await expect(failing(new StoreError('REFUSED', 'VF_X: no; do')).list(ID)).rejects.toThrow(ConfigurationError);
    await expect(failing(new StoreError('FULL', 'VF_X: full; do')).list(ID)).rejects.toThrow(DependencyUnavailableError);
    renameSync(rig.root, `${rig.root}-away`);
    await expect(allOf(rig.vault.orphans())).rejects.toThrow(ConfigurationError);
    renameSync(`${rig.root}-away`, rig.root);
  });
});

describe('erasing', () => {
  it('destroys the key and deletes the objects: whoever holds the key-encryption key opens nothing that is left', async () => {
    const rig = newRig();
    await rig.keep();
    expect(await rig.vault.erase(ID, { mandate: MANDATE })).toEqual({
      verificationId: ID,
      result: 'ERASED',
      keysDeleted: 1,
      objectsDeleted: 2,
    });
    expect(everythingIn(rig.root).toString()).toBe('');
    const left = everythingIn(rig.keyRoot).toString();
    expect(left).not.toContain('wrapped');
    expect(left).toContain('"operator":"mia"');
    expect((await rig.vault.list(ID)).state).toMatchObject({ kind: 'ERASED', by: MANDATE });
  });

  it('tells beforehand what it would do, and touches nothing', async () => {
    const rig = newRig();
    await rig.keep();
    const before = everythingIn(rig.root, rig.keyRoot);
    expect(await rig.vault.erase(ID, { mandate: MANDATE, dryRun: true })).toMatchObject({
      result: 'ERASED',
      keysDeleted: 1,
      objectsDeleted: 2,
    });
    expect(await rig.vault.erase(OTHER_ID, { mandate: MANDATE, dryRun: true })).toMatchObject({ result: 'NOTHING', objectsDeleted: 0 });
    expect(everythingIn(rig.root, rig.keyRoot).equals(before)).toBe(true);
    await rig.vault.erase(ID, { mandate: MANDATE });
    expect(await rig.vault.erase(ID, { mandate: MANDATE, dryRun: true })).toMatchObject({ result: 'ALREADY', keysDeleted: 0 });
  });

  it('is finished when it is repeated, wherever it was killed', async () => {
    for (let requests = 0; ; requests += 1) {
      const rig = newRig();
      await rig.keep();
      const counted = { made: 0 };
      const dying = createEvidenceVault({
        objects: dyingAfter(requests, rig.objects, counted),
        keyStore: dyingAfter(requests, rig.keyStore, counted),
        keys: { current: () => [OLD_KEY] },
      });
      const killed = await dying.erase(ID, { mandate: MANDATE }).catch(() => undefined);
      const again = await rig.vault.erase(ID, { mandate: MANDATE });
      expect(['ERASED', 'ALREADY']).toContain(again.result);
      expect(everythingIn(rig.root).toString()).toBe('');
      expect(everythingIn(rig.keyRoot).toString()).not.toContain('wrapped');
      expect(await rig.vault.erase(ID, { mandate: MANDATE })).toMatchObject({ result: 'ALREADY', objectsDeleted: 0 });
      if (killed !== undefined) {
        expect(requests).toBeGreaterThan(8);
        return;
      }
    }
  });

  it.each<readonly [string, 'create' | 'replace', (rig: Rig) => Promise<unknown>, object]>([
    ['nothing was kept', 'create', async () => await Promise.resolve(), { result: 'NOTHING', keysDeleted: 0 }],
    ['a key was there', 'replace', async ({ keep }) => await keep(), { result: 'ERASED', keysDeleted: 1 }],
    [
      'its time had passed before',
      'replace',
      async ({ keep, vault }) => (await keep(), await vault.erase(ID, { mandate: SWEEPER })),
      { result: 'ALREADY', keysDeleted: 0 },
    ],
  ])('tells what it did where %s, although the answer to it was lost', async (_, request, before, erased) => {
    const rig = newRig();
    await before(rig);
    const { store, wasLost } = losing(rig.keyStore, { request, folder: 'keys/' });
    const vault = createEvidenceVault({ ...rig, keyStore: store, keys: { current: () => [OLD_KEY] } });
    expect(await vault.erase(ID, { mandate: MANDATE })).toMatchObject(erased);
    expect(wasLost()).toBe(true);
    expect((await rig.vault.list(ID)).state).toMatchObject({ kind: 'ERASED', by: MANDATE });
  });

  it('holds what is on legal hold, until it is released', async () => {
    const rig = newRig();
    await rig.keep();
    expect(await rig.vault.hold(ID, MANDATE)).toMatchObject({ kind: 'KEPT', hold: { ...MANDATE, at: expect.stringMatching(/^20/) } });
    expect(await rig.vault.erase(ID, { mandate: MANDATE })).toEqual({
      verificationId: ID,
      result: 'HELD',
      keysDeleted: 0,
      objectsDeleted: 0,
    });
    expect(await rig.vault.erase(ID, { mandate: MANDATE, dryRun: true })).toMatchObject({ result: 'HELD' });
    expect(Buffer.from(await rig.vault.open({ verificationId: ID, object: await objectOf(rig) }))).toEqual(IMAGE.bytes);
    expect(await rig.vault.hold(ID, { ...MANDATE, operator: 'ben' })).toMatchObject({ hold: { operator: 'mia' } });
    expect(await rig.vault.release(ID, MANDATE)).not.toHaveProperty('hold');
    expect(await rig.vault.erase(ID, { mandate: MANDATE })).toMatchObject({ result: 'ERASED' });
    expect(await rig.vault.hold(ID, MANDATE)).toMatchObject({ kind: 'ERASED' });
    expect(await rig.vault.hold(OTHER_ID, MANDATE)).toEqual({ kind: 'NOTHING' });
  });

  it('leaves the key records free of what is long settled, and knows it still', async () => {
    let nowMs = Date.now();
    const rig = newRig({ now: () => nowMs });
    await rig.keep();
    await rig.vault.erase(ID, { mandate: MANDATE });
    expect((await allOf(rig.vault.records())).map(({ state }) => state.kind)).toEqual(['ERASED']);
    await rig.vault.erase(ID, { mandate: MANDATE });
    expect(await allOf(rig.vault.records())).toHaveLength(1);
    nowMs += 3_700_000;
    await rig.vault.erase(ID, { mandate: MANDATE });
    expect(await allOf(rig.vault.records())).toEqual([]);
    expect((await rig.vault.list(ID)).state.kind).toBe('ERASED');
    expect((await rig.keep()).failures?.map(({ why }) => why)).toEqual(['ERASED', 'ERASED']);
  });

  it('finds objects that an erasure has left, but none for want of a key record: the key store may be the wrong one', async () => {
    const rig = newRig();
    const { references } = await rig.keep();
    await rig.keep(OTHER_ID);
    const copy = readFileSync(join(rig.root, references[0]?.object ?? ''));
    await rig.vault.erase(ID, { mandate: MANDATE });
    await rig.objects.create(references[0]?.object ?? '', copy);
    expect(await allOf(rig.vault.orphans())).toEqual([{ verificationId: ID, object: references[0]?.object }]);
    expect(await allOf(newRigBeside(rig).orphans())).toEqual([]);
    expect(await rig.vault.erase(ID, { mandate: MANDATE })).toMatchObject({ result: 'ALREADY', objectsDeleted: 1 });
  });
});

describe('rotating', () => {
  it('wraps the data key anew, leaves the objects as they are, and then the old key opens nothing', async () => {
    const rig = newRig();
    await rig.keep();
    const objects = everythingIn(rig.root);
    const rotated = createEvidenceVault({ ...rig, keys: { current: () => [NEW_KEY, OLD_KEY] } });
    expect(await rotated.rewrap(ID)).toBe('REWRAPPED');
    expect(await rotated.rewrap(ID)).toBe('UP_TO_DATE');
    expect(await rotated.rewrap(OTHER_ID)).toBe('NOTHING');
    expect(everythingIn(rig.root).equals(objects)).toBe(true);
    const object = await objectOf(rig);
    const onlyNew = createEvidenceVault({ ...rig, keys: { current: () => [NEW_KEY] } });
    expect(Buffer.from(await onlyNew.open({ verificationId: ID, object }))).toEqual(IMAGE.bytes);
    await expect(rig.vault.open({ verificationId: ID, object })).rejects.toThrow(/"k2", which/);
  });

  it('says that it wrapped anew also where the answer to that was lost', async () => {
    const rig = newRig();
    await rig.keep();
    const { store, wasLost } = losing(rig.keyStore, { request: 'replace', folder: 'keys/' });
    const rotated = createEvidenceVault({ ...rig, keyStore: store, keys: { current: () => [NEW_KEY, OLD_KEY] } });
    expect(await rotated.rewrap(ID)).toBe('REWRAPPED');
    expect(wasLost()).toBe(true);
  });

  it('keeps a hold and the time of erasure, and brings nothing back that was erased', async () => {
    const rig = newRig();
    await rig.keep();
    await rig.vault.hold(ID, MANDATE);
    const before = (await rig.vault.list(ID)).state;
    const rotated = createEvidenceVault({ ...rig, keys: { current: () => [NEW_KEY, OLD_KEY] } });
    await rotated.rewrap(ID);
    expect((await rig.vault.list(ID)).state).toEqual({ ...before, keyId: 'k2' });
    await rig.vault.release(ID, MANDATE);
    await rig.vault.erase(ID, { mandate: MANDATE });
    expect(await rotated.rewrap(ID)).toBe('NOTHING');
    expect(everythingIn(rig.keyRoot).toString()).not.toContain('wrapped');
  });
});

/** A vault with the same objects and another key store. */
function newRigBeside({ objects }: Rig) {
  const { keyStore } = newRig();
  return createEvidenceVault({ objects, keyStore, keys: { current: () => [OLD_KEY] } });
}

function dying({ keyStore }: Rig, error: StoreError) {
  const fail = async (): Promise<never> => await Promise.reject(error);
  return { ...keyStore, read: fail };
}
