import { readAgain } from '../async/read-again.ts';
import { systemCode } from '../contracts/errors.ts';
import { envSchema } from './env.ts';
import type { Problem } from './problem.ts';

/** Variables whose value may instead come from the file that `<name>_FILE` names. */
export const FILE_BACKED: readonly string[] = Object.keys(envSchema.shape).filter((name) => `${name}_FILE` in envSchema.shape);

export type ReadFile = (path: string) => string;

export function readTextFile(path: string): string {
  return readAgain(path).toString('utf8');
}

/** Puts the content of `…_FILE` in the place of the variable. One trailing newline is an editor's, not the secret's. */
export function readSecretFiles(raw: Record<string, string>, readFile: ReadFile): { raw: Record<string, string>; problems: Problem[] } {
  const filled = { ...raw };
  const problems: Problem[] = [];
  for (const variable of FILE_BACKED) {
    const fileVariable = `${variable}_FILE`;
    const path = raw[fileVariable];
    if (path === undefined) continue;
    if (raw[variable] !== undefined) {
      problems.push({ variables: [variable], text: `${variable} and ${fileVariable} are both set; keep one of them` });
      continue;
    }
    const content = tryRead(path, readFile);
    if ('problem' in content) problems.push({ variables: [variable], text: `${fileVariable}: ${content.problem}` });
    else filled[variable] = content.text;
  }
  return { raw: filled, problems };
}

/** A file's text without a last line break, or what is wrong with it. The path is not told: a mistaken one may be the secret itself. */
export function tryRead(path: string, readFile: ReadFile): { text: string } | { problem: string } {
  try {
    const text = readFile(path.trim()).replace(/\r?\n$/, '');
    return text.trim() === '' ? { problem: 'the file is empty; write the secret into it' } : { text };
  } catch (error) {
    const code = systemCode(error) ?? 'unreadable';
    return { problem: `the file cannot be read (${code}); give a path that this process may read` };
  }
}
