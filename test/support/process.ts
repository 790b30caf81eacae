import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type ServiceProcess = {
  readonly pid: number;
  ended(): boolean;
  isReady(): boolean;
  /** What its admin server answers at this path, e.g. `/metrics`; it has to be ready. */
  admin(path: string): Promise<string>;
  /** Everything the process has written, both streams. */
  output(): string;
  ready(timeoutMs?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  exit(timeoutMs?: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

const running = new Set<ChildProcess>();
let reaper: Writable | undefined;

/** A process that lives as long as this one and ends the service's processes with it, whatever ends this one. */
function startReaper(): Writable {
  const script = fileURLToPath(new URL('./reaper.mjs', import.meta.url));
  // A group of its own: Ctrl-C is for the test run, whose end is what it waits for.
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child.stdin;
}

/** Starts the built service, `node dist/workers/main.js <args>`, with exactly the given VF_* environment. */
export function startProcess(args: readonly string[], env: Readonly<Record<string, string>>): ServiceProcess {
  return startNode(['dist/workers/main.js', ...args], env);
}

/** Starts Node with these arguments and exactly this environment. */
export function startNode(args: readonly string[], env: Readonly<Record<string, string>>): ServiceProcess {
  return startProgram([process.execPath, ...args], env);
}

/** Starts a program with exactly this environment. */
export function startProgram([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): ServiceProcess {
  const child = spawn(program, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  reaper ??= startReaper();
  reaper.write(`+${child.pid}\n`);
  const chunks: string[] = [];
  let exited: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  child.on('exit', (code, signal) => {
    exited = { code, signal };
    running.delete(child);
    reaper?.write(`-${child.pid}\n`);
  });
  const output = (): string => chunks.join('');
  const isReady = (): boolean => output().includes('"event":"ready"');
  return {
    pid: child.pid ?? 0,
    ended: () => exited !== undefined,
    isReady,
    output,
    admin: async (path) => await askAdmin(output(), path),
    kill: (signal) => void child.kill(signal),
    ready: async (timeoutMs = 60_000) => {
      const what = () => `${args.join(' ')} is ready; it wrote:\n${output().slice(-4000)}`;
      await until(() => exited !== undefined || isReady(), { timeoutMs, what });
      if (!isReady()) throw new Error(`ended before it was ready:\n${output()}`);
    },
    exit: (timeoutMs = 60_000) => until(() => exited, { timeoutMs, what: `${args.join(' ')} has ended` }),
  };
}

/** Where the admin server of a process listens that wrote this ready line. */
export function adminPortIn(output: string): number {
  const port = /"adminPort":(\d+)/.exec(output)?.[1];
  if (port === undefined) throw new Error(`wrote no ready line:\n${output.slice(-4000)}`);
  return Number(port);
}

/** What the admin server of a process that wrote this ready line answers, whatever the status. */
export async function askAdmin(output: string, path: string): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${adminPortIn(output)}${path}`)).text();
}

/** For afterAll hooks: leaves nothing behind, whatever a test did. */
export function killAllProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}
