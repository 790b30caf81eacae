import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../operator/errors.ts';

/**
 * Takes `<path>.lock` for this process, so that two commands never go on with one journal. What a killed process left is
 * taken over. Throws `UsageError` while another process of this machine holds it. @returns the release.
 */
export async function lockJournal(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  while (!(await created(lock))) {
    const holder = await holderOf(lock);
    if (holder !== undefined && isAlive(holder))
      throw new UsageError(`--journal: process ${holder} is working with ${path}; wait for it, or end it and run this again`);
    await rm(lock, { force: true });
  }
  return async () => await rm(lock, { force: true });
}

/** Linked into place, so that nobody ever sees a lock without its holder. */
async function created(lock: string): Promise<boolean> {
  const signed = `${lock}.${process.pid}`;
  await writeFile(signed, String(process.pid));
  try {
    await link(signed, lock);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(signed, { force: true });
  }
}

/** Undefined: it was released meanwhile, or it is no lock of ours. */
async function holderOf(lock: string): Promise<number | undefined> {
  try {
    const text = await readFile(lock, 'utf8');
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
