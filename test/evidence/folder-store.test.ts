import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../../src/evidence/blob-store.ts';
import { createFolderStore } from '../../src/evidence/folder-store.ts';
import { lacking } from '../support/lacking.ts';
import { until } from '../support/until.ts';
import { allOf, PROMISES } from './store-contract.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function newFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'evidence-'));
  cleanUps.push(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

const open = (root: string): BlobStore => createFolderStore({ root, setting: 'VF_EVIDENCE_STORE' });

/** A file system of its own, where this user may mount one. */
function mount(options: string): string | undefined {
  const root = newFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', root]).status !== 0) return undefined;
  cleanUps.unshift(() => void spawnSync('umount', [root]));
  return root;
}

/** Another process that does something with the store. */
function another(root: string, code: string): ChildProcess {
  const store = new URL('../../src/evidence/folder-store.ts', import.meta.url).href;
  const script = `import { createFolderStore } from '${store}';
    const store = createFolderStore({ root: ${JSON.stringify(root)}, setting: 'VF_EVIDENCE_STORE' });
    ${code}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUps.push(() => void child.kill('SIGKILL'));
  return child;
}

describe('a folder as a store', () => {
  it.each(PROMISES)('%s', async (_, shown) => {
    expect(await shown(open(newFolder()))).toBeUndefined();
  });

  it('lets nobody else of the machine read what it writes, whatever the mask', async () => {
    const root = newFolder();
    const mask = process.umask(0);
    try {
      await open(root).create('some/blob', Buffer.from('x'));
    } finally {
      process.umask(mask);
    }
    expect([statSync(join(root, 'some')), statSync(join(root, 'some/blob'))].map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
  });

  it('leaves no trace of what was deleted, a half-made file and the name of its folder included', async () => {
    const root = newFolder();
    await open(root).create('some/blob', Buffer.from('x'));
    writeFileSync(join(root, 'some/.blob.part'), 'left by a crash');
    await open(root).delete('some/blob');
    expect(readdirSync(root)).toEqual([]);
  });

  it('lets one of several processes win, round after round', async () => {
    const root = newFolder();
    const rounds = 40;
    const code = `let won = 0;
      for (let round = 0; round < ${rounds}; round += 1) if ((await store.create('round/r' + round, Buffer.from(String(process.pid)))) === 'CREATED') won += 1;
      console.log(won);`;
    const won = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = another(root, code);
        const [[text]] = await Promise.all([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
        return Number(String(text));
      }),
    );
    expect(won.reduce((sum, one) => sum + one, 0)).toBe(rounds);
  });

  it('has only whole objects after its writer was killed, and the next one goes on at once', async () => {
    const root = newFolder();
    const child = another(
      root,
      `const bytes = Buffer.alloc(4_000_000, 7);
      for (let at = 0; ; at += 1) {
        const tag = (await store.read('some/blob'))?.tag;
        if (tag === undefined) await store.create('some/blob', bytes);
        else await store.replace('some/blob', { bytes: Buffer.alloc(4_000_000, at), tag });
        await store.create('many/b' + at, bytes);
        if (at === 5) console.log('under way');
      }`,
    );
    await once(child.stdout ?? child, 'data');
    await until(() => existsSync(join(root, 'many/.b8.part')) || existsSync(join(root, 'many/b9')), {
      timeoutMs: 10_000,
      everyMs: 1,
      what: 'it writes',
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = open(root);
    const listed = await allOf(store.list(''));
    expect(listed.length).toBeGreaterThan(6);
    for (const { name } of listed) {
      const bytes = Buffer.from((await store.read(name))?.bytes ?? []);
      expect([name, bytes.length, new Set(bytes).size]).toEqual([name, 4_000_000, 1]);
    }
    for (let at = 0; at < 20; at += 1) await store.delete(`many/b${at}`);
    const tag = (await store.read('some/blob'))?.tag ?? '';
    expect(await store.replace('some/blob', { bytes: Buffer.from('after'), tag })).toBe('REPLACED');
    await store.delete('some/blob');
    expect(readdirSync(root)).toEqual([]);
  });

  it('names a folder that is not there, and does not make it: it may be a mount that is missing', async () => {
    const root = join(newFolder(), 'missing');
    const store = open(root);
    for (const work of [async () => await store.create('some/blob', Buffer.from('x')), async () => await allOf(store.list(''))])
      await expect(work()).rejects.toMatchObject({
        why: 'REFUSED',
        message: 'VF_EVIDENCE_STORE: the folder is not there; make it, or mount it',
      });
    expect(existsSync(root)).toBe(false);
  });

  it('lists files alone, and waits for no pipe: what else somebody put there is looked over', async () => {
    const root = newFolder();
    const store = open(root);
    await store.create('some/blob', Buffer.from('x'));
    symlinkSync('/etc/passwd', join(root, 'some/link'));
    symlinkSync('/none', join(root, 'some/dangling'));
    mkdirSync(join(root, 'some/folder'));
    expect(spawnSync('mkfifo', [join(root, 'some/pipe')]).status).toBe(0);
    expect((await allOf(store.list(''))).map(({ name }) => name)).toEqual(['some/blob']);
    expect((await store.read('some/pipe'))?.bytes.length).toBe(0);
  });

  it('deletes from a disk that is full to the last byte, because nothing else makes room', async (context) => {
    const root = mount('size=1m');
    if (root === undefined)
      return context.skip(lacking('nobody but root may mount a small file system', { tests: 'a disk full to the last byte' }));
    const store = open(root);
    for (const name of ['some/first', 'some/second', 'other/third']) await store.create(name, Buffer.alloc(100_000, 1));
    expect(() => writeFileSync(join(root, 'filled'), Buffer.alloc(1_048_576))).toThrow(/ENOSPC/);
    await expect(store.create('some/fourth', Buffer.from('x'))).rejects.toMatchObject({ why: 'FULL' });
    await store.delete('some/first');
    expect((await allOf(store.list(''))).map(({ name }) => name).toSorted()).toEqual(['other/third', 'some/second']);
    expect(await store.create('some/fourth', Buffer.from('x'))).toBe('CREATED');
    expect(readdirSync(join(root, 'some')).toSorted()).toEqual(['fourth', 'second']);
  });

  it('follows no link that somebody put in the place of an object', async () => {
    const root = newFolder();
    mkdirSync(join(root, 'some'));
    symlinkSync('/etc/passwd', join(root, 'some/blob'));
    await expect(open(root).read('some/blob')).rejects.toMatchObject({ why: 'REFUSED' });
  });

  it('says that the disk is full, keeps what was there, and goes on once there is room', async (context) => {
    const root = mount('size=1m');
    if (root === undefined) return context.skip(lacking('nobody but root may mount a small file system', { tests: 'a full disk' }));
    const store = open(root);
    await store.create('some/first', Buffer.alloc(300_000, 1));
    await expect(store.create('some/second', Buffer.alloc(900_000, 2))).rejects.toMatchObject({
      why: 'FULL',
      message: 'VF_EVIDENCE_STORE: the folder does not take or give a file (ENOSPC); make room there',
    });
    expect(await allOf(store.list(''))).toHaveLength(1);
    await store.delete('some/first');
    expect(await store.create('some/second', Buffer.alloc(900_000, 2))).toBe('CREATED');
  });

  it('says that it may not write there', async (context) => {
    const isRoot = process.getuid?.() === 0;
    const root = isRoot ? mount('size=1m,ro') : newFolder();
    if (root === undefined)
      return context.skip(lacking('root, who may mount nothing, may write everywhere', { tests: 'a folder without leave' }));
    if (!isRoot) chmodSync(root, 0o500);
    await expect(open(root).create('some/blob', Buffer.from('x'))).rejects.toMatchObject({
      why: 'REFUSED',
      message: expect.stringMatching(/^VF_EVIDENCE_STORE: .*\((EROFS|EACCES)\); let this process write there$/),
    });
  });
});
