import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSweeper } from '../../src/operator/evidence/sweep.ts';
import { allOf } from '../evidence/store-contract.ts';
import { openStores } from '../support/evidence-stores.ts';
import { type Ran, runFakeCli } from './fake-cli.ts';
import { IDS, JOURNAL, records } from './replay-world.ts';

const [BROKEN = '', SOUND = ''] = IDS.toSorted();
const HOUR_MS = 3_600_000;
const AT = '2026-02-01T12:00:00Z';
const WHO = ['--reason', 'order of the court', '--operator', 'jane'];

type World = ReturnType<typeof openStores> & {
  readonly run: (args: readonly string[]) => Promise<Ran>;
  readonly kept: Map<string, Uint8Array>;
};

/** Two verifications; the first in the order of names is the one to be broken. */
async function world(): Promise<World> {
  const stores = openStores({ now: () => Date.parse(AT) });
  for (const id of [BROKEN, SOUND]) await stores.keep(id);
  const kept = new Map<string, Uint8Array>();
  const journals = new Map<string, string[]>();
  return {
    ...stores,
    kept,
    run: async (args) => await runFakeCli(args, { vault: stores.vault, kept, journals, places: { case: 'FOLDER' } }),
  };
}

const recordOf = ({ paths }: World): string => join(paths.keys, 'keys', `${BROKEN}.json`);

const BROKEN_RECORDS: readonly (readonly [string, (world: World) => void])[] = [
  ['empty', (here) => truncateSync(recordOf(here), 0)],
  ['cut short', (here) => truncateSync(recordOf(here), 40)],
  ['no JSON', (here) => writeFileSync(recordOf(here), '<html>')],
  ['of another verification', (here) => writeFileSync(recordOf(here), readFileSync(recordOf(here), 'utf8').replaceAll(BROKEN, SOUND))],
  ['of a later version', (here) => writeFileSync(recordOf(here), readFileSync(recordOf(here), 'utf8').replace('"v":1', '"v":2'))],
  ['without its key', (here) => writeFileSync(recordOf(here), readFileSync(recordOf(here), 'utf8').replace('"wrapped"', '"unwrapped"'))],
];

describe.each(BROKEN_RECORDS)('a key record that is %s', (_, harm) => {
  it('is named by a sweep, which erases all others', async () => {
    const here = await world();
    harm(here);
    const told: string[] = [];
    const events = { erased: ({ verificationId }: { verificationId: string }) => void told.push(verificationId) };
    const publisher = { publish: async () => await Promise.resolve({ topic: 'audits', partition: 0, offset: '0' }) };
    const sweeper = createSweeper({
      vault: here.vault,
      audit: { publisher, topic: 'audits' },
      now: () => Date.parse(AT) + HOUR_MS,
      events: { ...events, orphansDeleted: () => undefined, untold: () => undefined },
    });
    const swept = await sweeper.sweep(new AbortController().signal);
    expect([told, swept.erased, swept.unreadable]).toEqual([[SOUND], 1, 1]);
    expect(swept.failure?.message).toContain(`keys/${BROKEN}.json is no key record`);
  });

  it('is named by `list`, beside its objects', async () => {
    const here = await world();
    harm(here);
    const ran = await here.run(['evidence', 'list', BROKEN]);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(
      `nobody can say: VF_EVIDENCE_KEY_STORE: keys/${BROKEN}.json is no key record of that verification; restore it`,
    );
    expect(ran.out).toContain('IMAGE_BEST_2');
  });

  it('is named and left alone by `erase`, which erases all others', async () => {
    const here = await world();
    harm(here);
    const before = readFileSync(recordOf(here));
    for (const selection of [
      ['--older-than', '0s'],
      [BROKEN, SOUND],
    ]) {
      const dry = await here.run(['erase', ...selection, '--dry-run']);
      expect(dry.out).toContain(`${BROKEN}  UNREADABLE  left alone: its key record is none`);
      expect(dry.out).toContain('2 verifications: 1 ERASE, 0 ALREADY, 0 NOTHING, 0 HELD, 1 UNREADABLE\n');
    }
    const ran = await here.run(['erase', '--older-than', '0s', ...WHO, '--yes', '--journal', JOURNAL]);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('1 erased, 0 already were, 0 had nothing, 1 without a readable key record');
    expect(records(ran.asked).map(({ key }) => key)).toEqual([SOUND]);
    expect(readFileSync(recordOf(here))).toEqual(before);
  });

  it('is named by `rewrap --all`, which wraps all others', async () => {
    const here = await world();
    harm(here);
    here.keys.unshift({ id: 'e2', key: Buffer.alloc(32, 7) });
    const ran = await here.run(['evidence', 'rewrap', '--all']);
    expect(ran).toMatchObject({ code: 1, out: '1 rewrapped, 0 up to date, 1 failed\n' });
    expect(ran.err).toContain(`${BROKEN}  failed: VF_EVIDENCE_KEY_STORE`);
  });

  it('stops nothing that is kept for others, and of its own nothing is taken for erased', async () => {
    const here = await world();
    harm(here);
    expect((await here.run(['evidence', 'list', SOUND])).code).toBe(0);
    expect(await allOf(here.vault.orphans())).toEqual([]);
    expect(await here.run(['evidence', 'hold', BROKEN, ...WHO])).toMatchObject({ code: 1, asked: [] });
  });
});

it('a key record is read out in one line, whatever somebody has written into it', async () => {
  const here = await world();
  const steering = '\u001b[2J\ngone';
  const record: object = JSON.parse(readFileSync(recordOf(here), 'utf8'));
  writeFileSync(recordOf(here), JSON.stringify({ ...record, keyId: steering, hold: { operator: steering, reason: steering, at: AT } }));
  for (const args of [
    ['evidence', 'list', BROKEN],
    ['evidence', 'get', BROKEN, '--out', 'case', ...WHO],
    ['evidence', 'rewrap', '--all'],
    ['evidence', 'hold', BROKEN, ...WHO],
    ['erase', BROKEN, ...WHO, '--journal', JOURNAL],
  ]) {
    const { out, err } = await here.run(args);
    expect([args, ...`${out}${err}`.split('\n').filter((line) => line.includes('\u001b') || line.startsWith('gone'))]).toEqual([args]);
  }
});

describe.each<readonly [string, (path: string) => void]>([
  ['empty', (path) => truncateSync(path, 0)],
  ['of others', (path) => writeFileSync(path, 'GIF89a')],
  ['cut within its header', (path) => truncateSync(path, 20)],
  ['of a later version', (path) => writeFileSync(path, Buffer.concat([Buffer.from('VFE\u0002'), readFileSync(path).subarray(4)]))],
])('an object that is %s', (_, harm) => {
  it('is named by `list` and `get`, which go on with the others', async () => {
    const here = await world();
    const { objects } = await here.vault.list(BROKEN);
    const [one, other] = objects;
    harm(join(here.paths.objects, one?.object ?? ''));
    const listed = await here.run(['evidence', 'list', BROKEN]);
    expect(listed.code).toBe(1);
    expect(listed.out).toContain(`Unreadable:   ${one?.object}: it is`);
    expect(listed.out).toContain(other?.object);
    const got = await here.run(['evidence', 'get', BROKEN, '--out', 'case', ...WHO]);
    expect(got.code).toBe(1);
    expect(got.err).toContain(`${one?.object} is left out: it is`);
    expect(here.kept.size).toBe(1);
  });
});

it('objects that have neither key record nor marker are left to whoever names their verification, and erased then', async () => {
  const here = await world();
  rmSync(recordOf(here));
  expect((await here.run(['erase', BROKEN, '--dry-run'])).out).toContain(`${BROKEN}  ERASE    its key and 2 objects\n`);
  expect(await here.run(['erase', BROKEN, ...WHO, '--journal', JOURNAL])).toMatchObject({ code: 0 });
  expect(await here.vault.list(BROKEN)).toMatchObject({ state: { kind: 'ERASED', by: { operator: 'jane' } }, objects: [] });
});

it('an object that was altered behind its header is named by `get`, which goes on with the others', async () => {
  const here = await world();
  const { objects } = await here.vault.list(BROKEN);
  const path = join(here.paths.objects, objects[0]?.object ?? '');
  truncateSync(path, readFileSync(path).length - 1);
  const got = await here.run(['evidence', 'get', BROKEN, '--out', 'case', ...WHO, '--json']);
  expect(got.code).toBe(1);
  expect(got.err).toContain(`${objects[0]?.object} cannot be opened: it was truncated or altered`);
  expect([here.kept.size, JSON.parse(got.out).files.length]).toEqual([1, 1]);
});
