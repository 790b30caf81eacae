import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type CliRun = { readonly code: number | null; readonly out: string; readonly err: string };
export type CliProcess = { readonly done: Promise<CliRun>; kill(signal: NodeJS.Signals): void };

/** Starts the built command line, `node dist/src/cli/main.js <args>`, with exactly the given environment. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>>): CliProcess {
  const child = spawn(process.execPath, ['dist/src/cli/main.js', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const done = new Promise<CliRun>((resolve) => child.on('close', (code) => resolve({ code, out: out.join(''), err: err.join('') })));
  return { done, kill: (signal) => void child.kill(signal) };
}
