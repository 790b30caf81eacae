import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { firstSignal, leaveAtOnce } from '../../workers/signals.ts';
import { sleep } from '../async/sleep.ts';
import { systemCode } from '../contracts/errors.ts';
import { openJournal } from '../operator/replay/journal-file.ts';
import type { CliIo } from './io.ts';

/** Lines of a file, or of standard input for `-`. */
async function* readLines(path: string): AsyncGenerator<string> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  // An error of the stream ends the reader silently, so it is kept and thrown here.
  let failure: Error | undefined;
  input.once('error', (error: Error) => {
    failure = error;
  });
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  if (failure !== undefined) throw failure;
}

/** `-` is standard input, and so may be a path of a device: what was read from there may not come again. */
export async function isRepeatable(path: string): Promise<boolean> {
  try {
    return path !== '-' && !path.startsWith('/dev/') && (await stat(path)).isFile();
  } catch {
    // Whoever reads it tells why it cannot be read.
    return false;
  }
}

type Kept = { readonly bytes: Uint8Array; readonly overwrite: boolean };

/** All bytes or none, readable by the owner alone. An empty file claims the name first, so that nothing is ever replaced unasked. */
export async function keepFile(path: string, { bytes, overwrite }: Kept): Promise<void> {
  if (!overwrite) await (await open(path, 'wx', 0o600)).close();
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    // Replaced and not written into: what others may read, or a link, must not receive it.
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    if (!overwrite) await rm(path, { force: true });
    throw error;
  }
}

/** A name below /dev or /proc may be standard output, whatever stands behind it. */
export async function placeAt(path: string): Promise<'FILE' | 'FOLDER' | 'OTHER' | undefined> {
  if (path === '-' || /^\/(?:dev|proc)\//.test(resolve(path))) return 'OTHER';
  try {
    const found = await stat(path);
    if (found.isFile()) return 'FILE';
    return found.isDirectory() ? 'FOLDER' : 'OTHER';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Files and clocks of this machine: what is the same in whatever process the command line runs. */
export const MACHINE = {
  readFile: async (path) => await readFile(path, 'utf8'),
  writeFile: async (path, content) => await writeFile(path, content, { mode: 0o600 }),
  keepFile,
  placeAt,
  lines: readLines,
  isRepeatable,
  journal: (path) => openJournal(path),
  now: Date.now,
  monotonicMs: () => performance.now(),
  sleep,
} satisfies Partial<CliIo>;

export async function confirm(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<boolean>((resolve) => {
      asking.once('close', () => resolve(false));
      asking.question(`${question} [y/N] `, (answer) => resolve(/^y(es)?$/i.test(answer.trim())));
    });
  } finally {
    asking.close();
  }
}

/** SIGTERM, too: a job that is cancelled, or a container that is stopped, sends nothing else before it kills. */
export function interruption(): AbortSignal {
  const stopping = new AbortController();
  void firstSignal({ source: process, forceExit: leaveAtOnce }).then(() => stopping.abort());
  return stopping.signal;
}
