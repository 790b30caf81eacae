import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processStart } from '../../../src/async/file-lock.ts';
import { UsageError } from '../../../src/operator/errors.ts';
import { journalProblem, openJournal } from '../../../src/operator/replay/journal-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verdictflow-journal-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

async function linesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of openJournal(path).lines()) lines.push(line);
  return lines;
}

it('has no lines before it is there, and keeps every line appended at once, in order', async () => {
  const path = join(folder, 'below', 'j.ndjson');
  expect(await linesOf(path)).toEqual([]);
  const journal = openJournal(path);
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  await Promise.all(lines.map((line) => journal.append(line, { durable: true })));
  await journal.close();
  expect(await linesOf(path)).toEqual(lines);
});

it('leaves out a last line that a crash cut off, and never glues the next one to it', async () => {
  const path = join(folder, 'j.ndjson');
  await appendFile(path, 'whole\n{"half');
  expect(await linesOf(path)).toEqual(['whole']);
  const journal = openJournal(path);
  await journal.append('next', { durable: false });
  await journal.close();
  expect(await readFile(path, 'utf8')).toBe('whole\n{"half\nnext\n');
});

it('forgets what was there when it is cleared', async () => {
  const path = join(folder, 'j.ndjson');
  const journal = openJournal(path);
  await journal.append('old', { durable: false });
  await journal.clear('ol');
  await journal.append('new', { durable: true });
  await journal.close();
  expect(await linesOf(path)).toEqual(['new']);
});

it.each([
  ['', true],
  ['{"kind":"ORD', true],
  ['{"kind":"ORDER","v":1}\n{"kind', true],
  ['my only copy', false],
  ['{"kind":"OTHER"', false],
])('clears %j: %s, because it may be somebody else’s', async (content, isOurs) => {
  const path = join(folder, 'j.ndjson');
  await writeFile(path, content);
  const journal = openJournal(path);
  const cleared = await journal.clear('{"kind":"ORDER"').catch((error: unknown) => error);
  await journal.close();
  expect(cleared instanceof UsageError).toBe(!isOurs);
  expect(await readFile(path, 'utf8')).toBe(isOurs ? '' : content);
});

it('never glues a line to what a full disk left of the one before', async () => {
  const path = join(folder, 'j.ndjson');
  let isFull = false;
  const journal = openJournal(path, async (handle, text) => {
    await handle.appendFile(isFull ? text.slice(0, 4) : text);
    if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  await journal.append('first', { durable: true });
  isFull = true;
  await expect(journal.append('second', { durable: true })).rejects.toThrow('full');
  isFull = false;
  await journal.append('third', { durable: true });
  await journal.append('fourth', { durable: true });
  await journal.close();
  expect(await linesOf(path)).toEqual(['first', 'seco', 'third', 'fourth']);
});

it('is refused to a second command while the first works with it, and free after it', async () => {
  const path = join(folder, 'j.ndjson');
  const [first, second] = [openJournal(path), openJournal(path)];
  await first.lock();
  await expect(second.lock()).rejects.toThrow(`process ${process.pid} is working with ${path}`);
  await first.close();
  await second.lock();
  await second.close();
  expect(await readdir(folder)).toEqual([]);
});

it('is taken over from a command that was killed', async () => {
  const path = join(folder, 'j.ndjson');
  const { pid } = spawnSync(process.execPath, ['--version']);
  await mkdir(`${path}.lock`);
  await writeFile(join(`${path}.lock`, 'pid'), String(pid));
  const journal = openJournal(path);
  await journal.lock();
  expect(await readFile(join(`${path}.lock`, 'pid'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  await journal.close();
});

it('is taken over by one of many that find it abandoned at the same time', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (let round = 0; round < 20; round += 1) {
    const path = join(folder, `j${round}.ndjson`);
    await mkdir(`${path}.lock`);
    await writeFile(join(`${path}.lock`, 'pid'), String(pid));
    const journals = Array.from({ length: 8 }, () => openJournal(path));
    const ended = await Promise.allSettled(journals.map((journal) => journal.lock()));
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readFile(join(`${path}.lock`, 'pid'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await Promise.all(journals.map((journal) => journal.close()));
  }
  expect(await readdir(folder)).toEqual([]);
});

it('is taken over although the one that was taking it over was killed', { timeout: 30_000 }, async () => {
  const path = join(folder, 'j.ndjson');
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (const lock of [`${path}.lock`, `${path}.lock.clearing`]) {
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(pid));
  }
  const journal = openJournal(path);
  await journal.lock();
  await journal.close();
  expect(await readdir(folder)).toEqual([]);
});

const REUSED: (readonly [string, number])[] = [['our id, as in another container', process.pid]];
// Only where the system tells when it began.
if (processStart(process.ppid) !== undefined) REUSED.push(['the id of another process that is alive', process.ppid]);

it.each(REUSED)('is taken over from a process that had %s', async (_, pid) => {
  const path = join(folder, 'j.ndjson');
  await mkdir(`${path}.lock`);
  await writeFile(join(`${path}.lock`, 'pid'), `${pid} an-earlier-start`);
  const journal = openJournal(path);
  await journal.lock();
  await journal.close();
  expect(await readdir(folder)).toEqual([]);
});

it.each([`${process.ppid}`, `${process.ppid} ${processStart(process.ppid) ?? ''}`])(
  'is not taken over from a living process that signed %j, and names what to remove if that is wrong',
  async (signature) => {
    const path = join(folder, 'j.ndjson');
    await mkdir(`${path}.lock`);
    await writeFile(join(`${path}.lock`, 'pid'), signature);
    await expect(openJournal(path).lock()).rejects.toThrow(new RegExp(`process ${process.ppid} is working .* remove ${path}\\.lock`));
    expect(await readdir(folder)).toEqual(['j.ndjson.lock']);
  },
);

it('is locked by a process that has its start told by the system, and always the same', async () => {
  expect(processStart(process.pid)).toBe(processStart(process.pid));
  expect(processStart(process.pid)).not.toBe(processStart(process.ppid));
  expect(processStart(spawnSync(process.execPath, ['--version']).pid)).toBeUndefined();
});

it.each([
  ['a file where a folder is needed', 'file/below/j.ndjson', 'ENOTDIR'],
  ['a folder', 'folder', 'EISDIR'],
])('%s is no place for it: a usage error, and the lock is given back', async (_, name, code) => {
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'folder'));
  const path = join(folder, name);
  const command = async (work: (journal: ReturnType<typeof openJournal>) => Promise<unknown>): Promise<unknown> => {
    const journal = openJournal(path);
    try {
      await journal.lock();
      return await work(journal);
    } finally {
      await journal.close();
    }
  };
  for (const fails of [
    async () => await command((journal) => journal.clear('')),
    async () => await command((journal) => journal.append('x', { durable: true })),
    async () => await linesOf(path),
  ]) {
    const message = `--journal: ${path} cannot be written (${code}); name another with --journal`;
    await expect(fails()).rejects.toMatchObject({ name: 'UsageError', message });
  }
  expect((await readdir(folder)).toSorted()).toEqual(['file', 'folder']);
});

it.each(['EACCES', 'EROFS', 'ENOENT'])('%s calls for another path, a full disk does not', (code) => {
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  expect(journalProblem('/x', Object.assign(new Error('no'), { code }))).toBeInstanceOf(UsageError);
  expect(journalProblem('/x', full)).toBe(full);
});
