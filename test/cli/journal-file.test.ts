import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
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
