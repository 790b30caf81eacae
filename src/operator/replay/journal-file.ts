import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { clearAbandoned, isAbandoned, ownerOf, releaseLock, tryLock } from '../../async/file-lock.ts';
import { sleep } from '../../async/sleep.ts';
import { systemCode } from '../../contracts/errors.ts';
import { UsageError } from '../errors.ts';
import type { JournalFile } from './ports.ts';

const NEWLINE = 10;

type Write = (handle: FileHandle, text: string) => Promise<void>;

const appendTo: Write = async (handle, text) => await handle.appendFile(text);

/** A journal on disk. Appends queue up, so lines never mix. A path that is no good is a `UsageError`. */
export function openJournal(path: string, write: Write = appendTo): JournalFile {
  let file: Promise<FileHandle> | undefined;
  let last: Promise<void> = Promise.resolve();
  let torn = false;
  let release: (() => Promise<void>) | undefined;
  const opened = async (): Promise<FileHandle> => await (file ??= withWritable(path, () => openAtLineStart(path)));
  const append = async (line: string, durable: boolean): Promise<void> => {
    const handle = await opened();
    // A disk that was full for a moment leaves half a line: the next one must not be glued to it.
    const text = torn ? `\n${line}\n` : `${line}\n`;
    torn = true;
    await write(handle, text);
    torn = false;
    if (durable) await handle.datasync();
  };
  return {
    async lock() {
      release = await withWritable(path, () => lockJournal(path));
    },
    lines: () => wholeLines(path),
    async clear(beginning) {
      await withWritable(path, () => assertBegins(path, beginning));
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

/** What a crash left of a last line is ended here. It is no JSON, so whoever reads it skips it. */
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

/** What is there may be shorter than the beginning, because a crash cut it off. */
async function assertBegins(path: string, beginning: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(beginning.length), 0, beginning.length, 0);
    const found = buffer.toString('utf8', 0, bytesRead);
    if (!beginning.startsWith(found)) throw new UsageError(`--journal: ${path} is no journal of this command; name another file`);
  } finally {
    await handle.close();
  }
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

const ASK_AGAIN_MS = 20;

/**
 * Takes `<path>.lock` for this process, so that two commands never go on with one journal. What a killed process left is
 * taken over. Throws `UsageError` while another process of this machine holds it. Containers do not see each other's
 * processes: two of them must not share a journal at a time. @returns the release.
 */
async function lockJournal(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  while (!(await tryLock(lock))) {
    if (await clearAbandoned(lock)) continue;
    const owner = (await isAbandoned(lock)) ? '' : await ownerOf(lock);
    if (owner !== '')
      throw new UsageError(
        `--journal: process ${owner} is working with ${path}; wait for it, or end it and run this again (if there is no such process, remove ${lock})`,
      );
    // Somebody is taking it, or giving it back.
    await sleep(ASK_AGAIN_MS);
  }
  return async () => await releaseLock(lock);
}

/** Errors that another path cures; it would not cure a full or broken disk. */
const CODES_OF_A_PATH: readonly string[] = ['EACCES', 'EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS'];

/** Does `work` with the journal at `path`; if that path is no good, throws `UsageError` instead of the system's error. */
async function withWritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw journalProblem(path, error);
  }
}

/** The `UsageError` for an error of the file system; any other error as it is. */
export function journalProblem(path: string, error: unknown): unknown {
  const code = systemCode(error) ?? '';
  if (!CODES_OF_A_PATH.includes(code)) return error;
  return new UsageError(`--journal: ${path} cannot be written (${code}); name another with --journal`, { cause: error });
}
