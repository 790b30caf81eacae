import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hostVariable } from './host-environment.ts';

/** Where progress goes, one plain line at a time. */
export type LogLine = (line: string) => void;

/** Path of the first executable of one of these names on PATH, links resolved. */
export function findOnPath(names: readonly string[]): string | undefined {
  const folders = (hostVariable('PATH') ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .filter(isExecutable)
    .map((file) => realpathSync(file))
    .at(0);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run: both mean "look further"
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
