import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { processEnv } from '../config/process-env.ts';

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

/** A variable of the machine rather than of the service (PATH, JAVA_HOME, KAFKA_HOME); undefined when unset or empty. */
export function hostVariable(name: string): string | undefined {
  const value = processEnv()[name];
  return value === '' ? undefined : value;
}

/** This process's variables with `extra` on top, for a program to be started with. */
export function hostEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...processEnv(), ...extra };
}
