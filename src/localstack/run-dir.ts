import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../async/file-lock.ts';

/** Engines of a parent killed a moment ago may still be writing: their files appear again while the folder is emptied. */
export function removeRunDir(runDir: string): Promise<void> {
  return rm(runDir, { recursive: true, force: true, maxRetries: 30, retryDelay: 20 });
}

/** A fresh folder `run-<pid>-…` under `dir` for the data of one stack. Folders of dead processes are removed first. */
export async function makeRunDir(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  for (const name of await readdir(dir)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeRunDir(join(dir, name));
  }
  return mkdtemp(join(dir, `run-${process.pid}-`));
}
