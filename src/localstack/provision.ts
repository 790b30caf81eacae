import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sleep } from '../async/sleep.ts';
import { clearAbandoned, releaseLock, tryLock } from '../async/file-lock.ts';
import type { LogLine } from './host.ts';

type Provisioning = {
  /** Folder that appears at once and complete, or not at all. */
  readonly target: string;
  readonly what: string;
  readonly log: LogLine;
  /** Fills an empty folder on the same file system; it becomes the target when this resolves. */
  build(emptyDir: string): Promise<void>;
};

/**
 * Makes a folder once, however many processes ask for it at the same time. The lock only saves a second download: a
 * folder is renamed into place whole, so even two builders that both hold a lock cannot corrupt it.
 */
export async function provision(request: Provisioning): Promise<string> {
  if (existsSync(request.target)) return request.target;
  await mkdir(dirname(request.target), { recursive: true });
  const release = await acquireLock(`${request.target}.lock`, request);
  try {
    if (!existsSync(request.target)) await buildAndRename(request);
  } finally {
    await release();
  }
  return request.target;
}

async function buildAndRename(request: Provisioning): Promise<void> {
  const temporary = await mkdtemp(`${request.target}.part-`);
  try {
    await request.build(temporary);
    await rename(temporary, request.target).catch((error: unknown) => {
      if (!existsSync(request.target)) throw error; // otherwise another builder was first: its folder is as good
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function acquireLock(lockDir: string, request: Provisioning): Promise<() => Promise<void>> {
  let told = false;
  while (!(await tryLock(lockDir))) {
    if (await clearAbandoned(lockDir)) continue;
    if (!told) request.log(`another process is fetching ${request.what}: waiting for it`);
    told = true;
    await sleep(200);
  }
  return () => releaseLock(lockDir);
}
