import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAbandoned, ownerOf, releaseLock, tryLock } from '../localstack/lock.ts';
import { UsageError } from '../operator/errors.ts';

/**
 * Takes `<path>.lock` for this process, so that two commands never go on with one journal. What a killed process left is
 * taken over. Throws `UsageError` while another process of this machine holds it. Containers do not see each other's
 * processes: two of them must not share a journal at a time. @returns the release.
 */
export async function lockJournal(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  while (!(await tryLock(lock))) {
    if (!(await isAbandoned(lock)))
      throw new UsageError(
        `--journal: process ${await ownerOf(lock)} is working with ${path}; wait for it, or end it and run this again (if there is no such process, remove ${lock})`,
      );
    await releaseLock(lock);
  }
  return async () => await releaseLock(lock);
}
