import { spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJournal } from '../../src/cli/journal-file.ts';

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
  await journal.clear();
  await journal.append('new', { durable: true });
  await journal.close();
  expect(await linesOf(path)).toEqual(['new']);
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
  await writeFile(`${path}.lock`, String(pid));
  const journal = openJournal(path);
  await journal.lock();
  expect(await readFile(`${path}.lock`, 'utf8')).toBe(String(process.pid));
  await journal.close();
});
