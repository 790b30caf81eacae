import { createReadStream } from 'node:fs';
import { mkdir, open, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../contracts/errors.ts';
import type { JournalFile } from './io.ts';
import { lockJournal } from './journal-lock.ts';
import { journalProblem, withWritable } from './journal-problem.ts';

const NEWLINE = 10;

/** A journal on disk. Appends queue up, so lines never mix. A path that is no good is a `UsageError`. */
export function openJournal(path: string): JournalFile {
  let file: Promise<FileHandle> | undefined;
  let last: Promise<void> = Promise.resolve();
  let release: (() => Promise<void>) | undefined;
  const opened = async (): Promise<FileHandle> => await (file ??= withWritable(path, () => openAtLineStart(path)));
  const append = async (line: string, durable: boolean): Promise<void> => {
    const handle = await opened();
    await handle.appendFile(`${line}\n`);
    if (durable) await handle.datasync();
  };
  return {
    async lock() {
      release = await withWritable(path, () => lockJournal(path));
    },
    lines: () => wholeLines(path),
    async clear() {
      await opened();
      await truncate(path);
    },
    async append(line, { durable }) {
      // After a failed write the next one still has its turn and reports for itself.
      last = last.catch(() => undefined).then(() => append(line, durable));
      await last;
    },
    async close() {
      await last.catch(() => undefined);
      try {
        // One that could not be opened has told its caller already.
        await (await file?.catch(() => undefined))?.close();
      } finally {
        file = undefined;
        await release?.();
        release = undefined;
      }
    },
  };
}

/** What a crash left of a last line is cut off by ending it: it is no JSON and whoever reads it skips it. */
async function openAtLineStart(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'a+');
  const { size } = await handle.stat();
  if (size > 0) {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] !== NEWLINE) await handle.appendFile('\n');
  }
  return handle;
}

async function* wholeLines(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    const stream = createReadStream(path, { encoding: 'utf8' });
    for await (const chunk of stream) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines.filter((line) => line !== '');
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw journalProblem(path, error);
  }
}
