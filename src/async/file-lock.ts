import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Takes the lock, a folder that names its owner; false if somebody has it. */
export async function tryLock(lockDir: string): Promise<boolean> {
  try {
    await mkdir(lockDir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  try {
    await writeFile(join(lockDir, 'pid'), `${process.pid} ${processStart(process.pid) ?? ''}`.trim());
  } catch (error) {
    // On a full disk: without a signature it would keep everybody out until it counts as abandoned.
    await releaseLock(lockDir);
    throw error;
  }
  return true;
}

/** A lock whose owner is dead, or that got no owner within 10 s because its maker was killed in between. */
export async function isAbandoned(lockDir: string): Promise<boolean> {
  const { pid, start } = await signatureOf(lockDir);
  if (pid !== '') return !isAlive(Number(pid)) || isAnother(Number(pid), start);
  const made = await stat(lockDir).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > 10_000;
}

/**
 * Removes the lock if it is abandoned; after that, whoever comes first has it. One process at a time judges and removes, so
 * that none removes the lock of another that has taken over meanwhile. @returns false if nothing was removed.
 */
export async function clearAbandoned(lockDir: string): Promise<boolean> {
  if (!(await isAbandoned(lockDir))) return false;
  const turn = `${lockDir}.clearing`;
  if (!(await tryLock(turn))) {
    // Its maker was killed within these few lines.
    if (await isAbandoned(turn)) await releaseLock(turn);
    return false;
  }
  try {
    if (!(await isAbandoned(lockDir))) return false;
    await releaseLock(lockDir);
    return true;
  } finally {
    await releaseLock(turn);
  }
}

/** The process that holds the lock; empty if nobody does, or it has not signed yet. */
export async function ownerOf(lockDir: string): Promise<string> {
  return (await signatureOf(lockDir)).pid;
}

export async function releaseLock(lockDir: string): Promise<void> {
  await rm(lockDir, { recursive: true, force: true });
}

/** True if the process of this id began at another time than the owner: the id was given again. */
function isAnother(pid: number, start: string | undefined): boolean {
  const now = processStart(pid);
  // A process always signs with its start, so a signature without one is somebody else's who had our id.
  if (pid === process.pid) return start !== now;
  return start !== undefined && now !== undefined && start !== now;
}

async function signatureOf(lockDir: string): Promise<{ readonly pid: string; readonly start: string | undefined }> {
  const [pid = '', start] = (await readFile(join(lockDir, 'pid'), 'utf8').catch(() => '')).trim().split(' ');
  return { pid, start };
}

/** In `/proc/<pid>/stat`: the fields after the name, which is in brackets and may hold anything. */
const START_TIME_FIELD = 19;

/**
 * Tells a process from a later one that got the same id: in a container every main process is number 1. Undefined where
 * the system does not say.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const sinceBoot = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
    // Since boot, so that a clock that is set does not change it; hence the boot belongs to it.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return sinceBoot === undefined ? undefined : `${boot}/${sinceBoot}`;
  } catch {
    // The system does not tell, or there is no such process. Of itself every process knows when it began, though.
    return pid === process.pid ? String(Math.round(performance.timeOrigin)) : undefined;
  }
}

/** True while a process of this id exists, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
