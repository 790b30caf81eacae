import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clearAbandoned, isAbandoned, ownerOf, releaseLock, tryLock } from '../localstack/lock.ts';
import { UsageError } from '../operator/errors.ts';

const ASK_AGAIN_MS = 20;

/**
 * Takes `<path>.lock` for this process, so that two commands never go on with one journal. What a killed process left is
 * taken over. Throws `UsageError` while another process of this machine holds it. Containers do not see each other's
 * processes: two of them must not share a journal at a time. @returns the release.
 */
export async function lockJournal(path: string): Promise<() => Promise<void>> {
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
