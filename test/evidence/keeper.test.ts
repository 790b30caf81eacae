import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../src/evidence/blob-store.ts';
import { ANSWER, everythingIn, ID, IMAGE, losing, MANDATE, NEW_KEY, OLD_KEY, openRig, OTHER_ID, tearing } from './rig.ts';

const rigs: ReturnType<typeof openRig>[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close();
});
function rigWith(options: Parameters<typeof openRig>[0] = {}): ReturnType<typeof openRig> {
  const rig = openRig(options);
  rigs.push(rig);
  return rig;
}

describe('the keeper', () => {
  it('says of everything it keeps what, where, how much and until when, and the vault gives back the same bytes', async () => {
    const nowMs = Date.parse('2026-01-02T03:04:05Z');
    const { keep, vault, told } = rigWith({ now: () => nowMs });
    const { references, failures } = await keep();
    expect(failures).toBeUndefined();
    expect(references).toEqual(
      [IMAGE, ANSWER].map(({ kind, contentType, bytes }) => ({
        kind,
        object: expect.stringMatching(new RegExp(`^${ID}/${kind.toLowerCase()}-[0-9a-f]{16}$`)),
        sha256: createHash('sha256').update(bytes).digest('hex'),
        bytes: bytes.length,
        contentType,
        keyId: 'k1',
        expiresAt: '2026-01-02T04:04:05.000Z',
      })),
    );
    for (const [at, { object }] of references.entries())
      expect(Buffer.from(await vault.open({ verificationId: ID, object }))).toEqual([IMAGE, ANSWER][at]?.bytes);
    expect(told.map(({ event }) => event)).toEqual(['kept', 'kept']);
  });

  it('lets nothing of it be read where it lies: no plain byte, no base64, no key', async () => {
    const { keep, root, keyRoot } = rigWith();
    await keep();
    const everything = everythingIn(root, keyRoot);
    expect(everything.length).toBeGreaterThan(300);
    for (const { bytes } of [IMAGE, ANSWER]) {
      expect(everything.includes(bytes.subarray(0, 12))).toBe(false);
      expect(everything.includes(bytes.toString('base64').slice(0, 16))).toBe(false);
    }
    expect(everything.includes(OLD_KEY.key)).toBe(false);
  });

  it('has one key for all reads of a verification, also of those that meet', async () => {
    const { keep, vault } = rigWith();
    const kept = await Promise.all([keep(), keep(), keep()]);
    await keep();
    expect(kept.flatMap(({ references }) => references)).toHaveLength(6);
    const { objects } = await vault.list(ID);
    expect(objects).toHaveLength(8);
    for (const { object, kind } of objects)
      expect(Buffer.from(await vault.open({ verificationId: ID, object }))).toEqual(kind === 'IMAGE_BEST' ? IMAGE.bytes : ANSWER.bytes);
  });

  it('puts again while a store is away, and loses nothing if it comes back in time', async () => {
    const { keep, root, told } = rigWith();
    renameSync(root, `${root}-away`);
    const keeping = keep();
    setTimeout(() => renameSync(`${root}-away`, root), 400);
    expect((await keeping).references).toHaveLength(2);
    expect(told.some(({ event }) => event === 'retried')).toBe(true);
  });

  it('gives up at its time, names the setting, and holds no memory any more', async () => {
    const { keep, keeper, root, told } = rigWith();
    renameSync(root, `${root}-away`);
    const startedAtMs = Date.now();
    const kept = await keep(ID, startedAtMs + 600);
    renameSync(`${root}-away`, root);
    expect(Date.now() - startedAtMs).toBeLessThan(1_500);
    expect(kept).toEqual({
      references: [],
      failures: [
        { kind: 'IMAGE_BEST', why: 'STORE_REFUSED' },
        { kind: 'VENDOR_ANSWER', why: 'STORE_REFUSED' },
      ],
    });
    const lost = told.filter(({ event }) => event === 'lost');
    expect(lost).toHaveLength(2);
    expect(lost[0]?.fields).toMatchObject({
      verificationId: ID,
      detail: 'VF_EVIDENCE_STORE: the folder is not there; make it, or mount it',
    });
    expect(keeper.heldBytes()).toBe(0);
  });

  it('tells what a store said last, and not that there was no time for another answer', async () => {
    const { objects } = rigWith();
    let attempts = 0;
    const create = async (): Promise<never> => {
      attempts += 1;
      if (attempts > 2) return await new Promise(() => undefined);
      throw new StoreError('FULL', 'VF_EVIDENCE_STORE: full; make room');
    };
    const { keep, told } = rigWith({ objects: { ...objects, create } });
    expect((await keep(ID, Date.now() + 2_500)).failures?.map(({ why }) => why)).toEqual(['STORE_FULL', 'STORE_FULL']);
    expect(attempts).toBeGreaterThan(2);
    expect(told.at(-1)?.fields).toMatchObject({ detail: 'VF_EVIDENCE_STORE: full; make room' });
  });

  it('keeps the rest, if one object is too large, and tells the loss', async () => {
    const { keeper, told } = rigWith({ maxBytes: IMAGE.bytes.length });
    const large = { ...ANSWER, bytes: Buffer.alloc(IMAGE.bytes.length + 1) };
    const { references, failures } = await keeper.keep({ verificationId: ID, found: [IMAGE, large], untilMs: Date.now() + 5_000 });
    expect([references.map(({ kind }) => kind), failures]).toEqual([['IMAGE_BEST'], [{ kind: 'VENDOR_ANSWER', why: 'TOO_LARGE' }]]);
    expect(told.map(({ event, fields }) => [event, 'kind' in fields && fields.kind])).toEqual([
      ['lost', 'VENDOR_ANSWER'],
      ['kept', 'IMAGE_BEST'],
    ]);
  });

  it('takes a key store for fit, although its server died at the probe and left half of it', async () => {
    const rig = rigWith({ keyStore: tearing(rigWith().keyStore) });
    expect((await rig.keep()).failures).toBeUndefined();
    expect(rig.told.map(({ event }) => event)).toEqual(['retried', 'kept', 'kept']);
  });

  it('takes a key store for fit, although an answer to its probe was lost', async () => {
    const { store, wasLost } = losing(rigWith().keyStore, { request: 'replace', folder: 'probes/' });
    expect((await rigWith({ keyStore: store }).keep()).references).toHaveLength(2);
    expect(wasLost()).toBe(true);
  });

  it('waits for room instead of holding more than it may', async () => {
    const needed = 2 * (IMAGE.bytes.length + ANSWER.bytes.length);
    const { keep, keeper } = rigWith({ memoryBytes: needed });
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, keeper.heldBytes())), 1);
    const kept = await Promise.all(Array.from({ length: 3 }, async () => await keep()));
    clearInterval(watch);
    expect(kept.flatMap(({ references }) => references)).toHaveLength(6);
    expect(most).toBe(needed);
  });

  it('lets no more wait for room than the room holds, for they hold their bytes too', async () => {
    const needed = 2 * (IMAGE.bytes.length + ANSWER.bytes.length);
    const { objects } = rigWith();
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const slow = { ...objects, create: async (...args: Parameters<typeof objects.create>) => (await gate, await objects.create(...args)) };
    const { keep } = rigWith({ memoryBytes: needed, objects: slow });
    const keeping = Array.from({ length: 9 }, async () => await keep());
    const atOnce = await Promise.all(keeping.slice(3));
    expect(atOnce.flatMap(({ failures = [] }) => failures.map(({ why }) => why))).toEqual(Array.from({ length: 12 }, () => 'NO_ROOM'));
    goOn();
    expect((await Promise.all(keeping.slice(0, 3))).flatMap(({ references }) => references)).toHaveLength(6);
  });

  it('says that there was no room, if there never was', async () => {
    const { keep } = rigWith({ memoryBytes: 10 });
    expect((await keep()).failures?.map(({ why }) => why)).toEqual(['NO_ROOM', 'NO_ROOM']);
  });

  it('tells as lost, and not as kept too, what an erasure overtook', async () => {
    const { objects, keyStore, vault } = rigWith();
    const overtaken = {
      ...objects,
      async create(...args: Parameters<typeof objects.create>) {
        const done = await objects.create(...args);
        await vault.erase(ID, { mandate: MANDATE });
        return done;
      },
    };
    const { keep, told } = rigWith({ objects: overtaken, keyStore });
    expect((await keep()).failures?.map(({ why }) => why)).toEqual(['ERASED', 'ERASED']);
    expect(told.map(({ event }) => event)).toEqual(['lost', 'lost']);
  });

  it('keeps nothing for a verification that was erased, not even a key', async () => {
    const { keep, vault, root, keyRoot } = rigWith();
    await keep();
    await vault.erase(ID, { mandate: MANDATE });
    expect((await keep()).failures?.map(({ why }) => why)).toEqual(['ERASED', 'ERASED']);
    const left = everythingIn(root, keyRoot).toString('latin1');
    expect(left).not.toMatch(/image_best|vendor_answer|wrapped/);
    expect((await keep(OTHER_ID)).references).toHaveLength(2);
  });

  it('names the key that a verification was begun with, where that is not configured any more', async () => {
    let keys = [OLD_KEY];
    const { keep, told } = rigWith({ keys: { current: () => keys } });
    await keep();
    keys = [NEW_KEY];
    expect((await keep()).failures?.map(({ why }) => why)).toEqual(['STORE_REFUSED', 'STORE_REFUSED']);
    expect(told.at(-1)?.fields).toMatchObject({ detail: expect.stringMatching(/"k1", which VF_EVIDENCE_KEYS does not hold/) });
  });

  it('never rejects, whatever is thrown', async () => {
    const { keep } = rigWith({
      keys: {
        current: () => {
          throw new TypeError('a defect');
        },
      },
    });
    expect((await keep()).failures).toHaveLength(2);
  });
});
