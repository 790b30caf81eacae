import { readFileSync, statSync } from 'node:fs';

/** By path: what was read there last. */
const kept = new Map<string, Buffer>();

/**
 * What a file holds, for whoever looks at it more than once. A pipe (of `sops exec-file`, of 1Password, of `<(…)` in a shell) gives
 * its content once: to open it again stops the whole process until somebody writes. So only what is a regular file, perhaps behind
 * links, is read again; of anything else what was read there stays.
 * @throws the system's error if it cannot be read.
 */
export function readAgain(path: string): Buffer {
  const last = kept.get(path);
  if (last !== undefined && mayWait(path)) return last;
  const content = readFileSync(path);
  kept.set(path, content);
  return content;
}

/** A pipe, a terminal. A folder, and what is not there, refuse at once. */
function mayWait(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}
