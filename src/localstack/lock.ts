import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './host.ts';

/** Takes the lock, a folder that names its owner; false if somebody has it. */
export async function tryLock(lockDir: string): Promise<boolean> {
  try {
    await mkdir(lockDir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(lockDir, 'pid'), String(process.pid));
  return true;
}

/** A lock whose owner is dead, or that got no owner within 10 s because its maker was killed in between. */
export async function isAbandoned(lockDir: string): Promise<boolean> {
  const owner = await ownerOf(lockDir);
  if (owner !== '') return !isAlive(Number(owner));
  const made = await stat(lockDir).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > 10_000;
}

/** The process that holds the lock; empty if nobody does, or it has not signed yet. */
export async function ownerOf(lockDir: string): Promise<string> {
  return await readFile(join(lockDir, 'pid'), 'utf8').catch(() => '');
}

export async function releaseLock(lockDir: string): Promise<void> {
  await rm(lockDir, { recursive: true, force: true });
}
