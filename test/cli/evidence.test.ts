import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepFile, placeAt } from '../../src/cli/host.ts';
import { DependencyUnavailableError, RecordRefusedError } from '../../src/contracts/errors.ts';
import { parseEvidenceAudit } from '../../src/contracts/wire/evidence-audit.ts';
import type { EvidenceVault } from '../../src/operator/evidence/ports.ts';
import { openStores } from '../support/evidence-stores.ts';
import { type FakeCli, type Ran, runFakeCli } from './fake-cli.ts';
import { IDS, records } from './replay-world.ts';

const [ID = '', SECOND = ''] = IDS;
const MANDATE = { operator: 'jane', reason: 'order of the court', ticket: 'LEG-4' };
const WHO = ['--reason', 'order of the court', '--operator', 'jane', '--ticket', 'LEG-4'];

function world() {
  const stores = openStores({ now: () => Date.parse('2026-02-01T12:00:00Z') });
  const kept = new Map<string, Uint8Array>();
  const order: string[] = [];
  const vault: EvidenceVault = {
    ...stores.vault,
    open: async (object) => {
      order.push('open');
      return await stores.vault.open(object);
    },
  };
  const publish: NonNullable<FakeCli['publish']> = async ({ topic }) => {
    order.push('audit');
    return await Promise.resolve({ topic, partition: 0, offset: '0' });
  };
  const run = async (args: readonly string[], fake: FakeCli = {}): Promise<Ran> =>
    await runFakeCli(['evidence', ...args], { vault, kept, publish, ...fake });
  return { ...stores, vault, kept, order, run };
}

describe('evidence list', () => {
  it('tells what is kept, without showing it, and without any key', async () => {
    const { keep, run, keys } = world();
    const kept = await keep(ID);
    keys.splice(0);
    const ran = await run(['list', `fv-${ID}`]);
    expect(ran).toMatchObject({ code: 0, asked: [] });
    expect(ran.out).toContain('State:        kept\n');
    expect(ran.out).toContain('Expires:      2026-02-01T13:00:00.000Z (in 1 h)\n');
    expect(ran.out).toContain('Key:          e1\n');
    for (const object of kept.keys()) expect(ran.out).toContain(object);
    const { state, objects } = JSON.parse((await run(['list', ID, '--json'])).out);
    expect([state.kind, objects.length, objects[0].bytes]).toEqual(['KEPT', 2, 604]);
  });

  it('tells holds and erasures with who and why, and ends with 1 if nothing is kept', async () => {
    const { vault, keep, run } = world();
    await keep(ID);
    await vault.hold(ID, MANDATE);
    expect((await run(['list', ID])).out).toContain(
      'kept, on legal hold since 2026-02-01T12:00:00.000Z by jane: order of the court (LEG-4)',
    );
    await vault.release(ID, MANDATE);
    await vault.erase(ID, { mandate: MANDATE });
    const erased = await run(['list', ID]);
    expect(erased).toMatchObject({ code: 1 });
    expect(erased.out).toContain('erased 2026-02-01T12:00:00.000Z by jane: order of the court (LEG-4)');
    expect(await run(['list', SECOND])).toMatchObject({ code: 1, out: expect.stringContaining('nothing is kept') });
  });
});

describe('evidence get', () => {
  it('puts one object into a file, once the audit topic has who, why and which', async () => {
    const { keep, run, kept, order } = world();
    const [[object, bytes] = ['', Buffer.alloc(0)]] = await keep(ID);
    const ran = await run(['get', ID, '--kind', 'image_best', '--out', 'best.jpg', ...WHO]);
    expect(ran.code).toBe(0);
    expect(order).toEqual(['audit', 'open']);
    expect(kept.get('best.jpg')).toEqual(bytes);
    const [audit] = records(ran.asked);
    expect(parseEvidenceAudit(JSON.parse(audit?.value ?? ''))).toMatchObject({
      ok: true,
      value: { action: 'OPEN', ...MANDATE, objects: [{ object, kind: 'IMAGE_BEST' }] },
    });
    expect(ran.out + ran.err).not.toContain(bytes.toString('base64').slice(0, 20));
  });

  it('puts several into a folder, under names of their own', async () => {
    const { keep, run, kept } = world();
    const all = await keep(ID);
    const ran = await run(['get', ID, '--out', 'case', ...WHO, '--json'], { places: { case: 'FOLDER' } });
    expect(ran.code).toBe(0);
    expect([...kept.keys()].map((path) => path.replace(/-[0-9a-f]{16}/, '')).toSorted()).toEqual([
      `case/${ID}_image_best.jpg`,
      `case/${ID}_image_best_2.jpg`,
    ]);
    expect([...kept.values()].map(({ length }) => length)).toEqual([604, 604]);
    expect(JSON.parse(ran.out).files).toHaveLength(all.size);
  });

  it.each<[string, Error, number]>([
    ['refuses the record', new RecordRefusedError('no'), 1],
    ['does not answer', new DependencyUnavailableError('kafka', 'away'), 69],
  ])('opens nothing and leaves no file if the audit topic %s', async (_what, error, code) => {
    const { keep, run, kept, order } = world();
    await keep(ID);
    const ran = await run(['get', ID, '--kind', 'IMAGE_BEST', '--out', 'f', ...WHO], { publish: async () => await Promise.reject(error) });
    expect([ran.code, kept.size, order]).toEqual([code, 0, []]);
  });

  it.each<[string, readonly string[], string]>([
    ['standard output', ['--out', '-'], 'never to standard output'],
    ['a terminal', ['--out', '/dev/tty'], 'never to standard output'],
    ['a file that is there', ['--kind', 'IMAGE_BEST', '--out', 'there'], 'is there already'],
    ['several into one file', ['--out', 'new'], 'need a folder'],
    ['a kind that there is not', ['--kind', 'FACE', '--out', 'new'], '--kind: write one of'],
    ['kind and object', ['--kind', 'IMAGE_BEST', '--object', 'x', '--out', 'new'], 'not both'],
  ])('refuses %s, before anything is on record', async (_what, args, why) => {
    const { keep, run, kept, order } = world();
    await keep(ID);
    kept.set('there', Buffer.from('mine'));
    const ran = await run(['get', ID, ...args, ...WHO], { places: { '-': 'OTHER', '/dev/tty': 'OTHER' } });
    expect(ran).toMatchObject({ code: 64 });
    expect(ran.err).toContain(why);
    expect([order, kept.get('there')]).toEqual([[], Buffer.from('mine')]);
  });

  it('replaces a file only with --force', async () => {
    const { keep, run, kept } = world();
    await keep(ID);
    kept.set('there', Buffer.from('mine'));
    expect((await run(['get', ID, '--kind', 'IMAGE_BEST', '--out', 'there', '--force', ...WHO])).code).toBe(0);
    expect(kept.get('there')).toHaveLength(604);
  });

  it('ends with 1 for what is erased, was never kept, or is not among it, and puts nothing on record', async () => {
    const { vault, keep, run, order } = world();
    await keep(ID);
    expect(await run(['get', ID, '--object', 'other', '--out', 'f', ...WHO])).toMatchObject({ code: 1 });
    await vault.erase(ID, { mandate: MANDATE });
    expect(await run(['get', ID, '--out', 'f', ...WHO])).toMatchObject({ code: 1, err: expect.stringContaining('erased 2026-02-01') });
    expect(await run(['get', SECOND, '--out', 'f', ...WHO])).toMatchObject({ code: 1 });
    expect(order).toEqual([]);
  });

  it('needs a reason, and refuses the token in it', async () => {
    const { run } = world();
    expect(await run(['get', ID, '--out', 'f'])).toMatchObject({
      code: 64,
      err: expect.stringContaining('--reason: missing; say why it is opened'),
    });
    const told = await run(['get', '--token', '-', '--out', 'f', '--reason', 'of tok', '--operator', 'jane'], { stdin: 'tok' });
    expect(told).toMatchObject({ code: 64 });
  });
});

describe('files of evidence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'verdictflow-get-'));
  const bytes = randomBytes(64);

  it('are for their owner alone, and never written over what is there', async () => {
    const path = join(folder, 'new');
    await keepFile(path, { bytes, overwrite: false });
    expect([statSync(path).mode & 0o777, readFileSync(path)]).toEqual([0o600, bytes]);
    await expect(keepFile(path, { bytes: randomBytes(8), overwrite: false })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('replace what others may read, or a link, instead of writing into it', async () => {
    const [open, target, link] = ['open', 'target', 'link'].map((name) => join(folder, name));
    writeFileSync(open ?? '', 'mine', { mode: 0o644 });
    writeFileSync(target ?? '', 'theirs');
    symlinkSync(target ?? '', link ?? '');
    for (const path of [open ?? '', link ?? '']) {
      await keepFile(path, { bytes, overwrite: true });
      expect([statSync(path).mode & 0o777, readFileSync(path)]).toEqual([0o600, bytes]);
    }
    expect(readFileSync(target ?? '', 'utf8')).toBe('theirs');
  });

  it('are no terminal, no pipe and no name of standard output', async () => {
    const places = await Promise.all(['-', '/dev/stdout', '/dev/null', '/proc/self/fd/1', `${folder}/../../dev/stdout`].map(placeAt));
    expect(new Set(places)).toEqual(new Set(['OTHER']));
    expect([await placeAt(folder), await placeAt(join(folder, 'new')), await placeAt(join(folder, 'none'))]).toEqual([
      'FOLDER',
      'FILE',
      undefined,
    ]);
  });
});

describe('evidence hold', () => {
  it('keeps it from erasure until it is released, each on record before', async () => {
    const { vault, keep, run } = world();
    await keep(ID);
    const held = await run(['hold', ID, ...WHO]);
    expect(held).toMatchObject({ code: 0, out: expect.stringContaining('kept, on legal hold since') });
    expect(await vault.erase(ID, { mandate: MANDATE })).toMatchObject({ result: 'HELD' });
    const released = await run(['release', ID, ...WHO]);
    expect(released).toMatchObject({ code: 0, out: `${ID}  kept\n` });
    expect([...records(held.asked), ...records(released.asked)].map(({ value }) => JSON.parse(value).action)).toEqual(['HOLD', 'RELEASE']);
    expect(await vault.erase(ID, { mandate: MANDATE })).toMatchObject({ result: 'ERASED' });
  });

  it('is not laid without its record, nor on what is not there', async () => {
    const { vault, keep, run } = world();
    await keep(ID);
    const unheard = await run(['hold', ID, ...WHO], { publish: async () => await Promise.reject(new RecordRefusedError('no')) });
    expect(unheard).toMatchObject({ code: 1 });
    expect((await vault.list(ID)).state).not.toHaveProperty('hold');
    const none = await run(['hold', SECOND, ...WHO]);
    expect(none).toMatchObject({ code: 1, asked: [], err: expect.stringContaining('nothing is kept') });
  });
});

describe('evidence rewrap', () => {
  it('wraps every key under the first one, so that the old one can go, and touches no object', async () => {
    const { keys, vault, keep, paths, run } = world();
    const kept = await keep(ID);
    await keep(SECOND);
    await vault.erase(SECOND, { mandate: MANDATE });
    const [object = ''] = kept.keys();
    const before = readFileSync(join(paths.objects, object));
    keys.unshift({ id: 'e2', key: randomBytes(32) });
    expect((await run(['rewrap', '--all'])).out).toBe('1 rewrapped, 0 up to date\n');
    keys.splice(1);
    expect(await vault.open({ verificationId: ID, object })).toEqual(kept.get(object));
    expect(readFileSync(join(paths.objects, object))).toEqual(before);
    expect((await run(['rewrap', ID])).out).toBe('0 rewrapped, 1 up to date\n');
    expect(await run(['rewrap', SECOND])).toMatchObject({ code: 1 });
    expect(await run(['rewrap'])).toMatchObject({ code: 64 });
  });
});
