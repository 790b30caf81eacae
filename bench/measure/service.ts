import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessTree } from './processes.ts';

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;

export type ServiceOptions = {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Takes standard output and standard error: a pipe into this process would put the reading on the wrong bill. */
  readonly logPath: string;
};

export type RunningService = {
  readonly tree: ProcessTree;
  /** The JSON line with which it said that it serves. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Throws if the process has ended, with the place of its log. */
  assertAlive(): void;
  /** SIGTERM, and SIGKILL after a minute. Resolves with the exit code, or null if it had to be killed. */
  stop(): Promise<number | null>;
};

/**
 * Starts a Node process with a clean environment and waits for its `{"event":"ready"}` line.
 * Throws if it ends first or takes longer than two minutes; the message names its log.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const log = openSync(options.logPath, 'w');
  const child = spawn(process.execPath, [...options.args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.environment },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  // The bench must not leave a service behind that goes on burning the machine it measures.
  const killWithParent = (): boolean => child.kill('SIGKILL');
  process.once('exit', killWithParent);
  const assertAlive = (): void => {
    if (hasEnded(child)) throw new Error(`${options.name} ended with ${child.exitCode ?? child.signalCode}: see ${options.logPath}`);
  };
  const ready = await awaitReady(options, assertAlive);
  if (child.pid === undefined) throw new Error(`${options.name} has no process id`);
  return {
    tree: { root: child.pid },
    ready,
    assertAlive,
    async stop() {
      process.removeListener('exit', killWithParent);
      return stopChild(child);
    },
  };
}

async function awaitReady(options: ServiceOptions, assertAlive: () => void): Promise<Readonly<Record<string, unknown>>> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const line = readFileSync(options.logPath, 'utf8').split('\n').flatMap(readyLine)[0];
    if (line) return line;
    assertAlive();
    await sleep(50);
  }
  throw new Error(`${options.name} was not ready after ${READY_TIMEOUT_MS / 1_000} s: see ${options.logPath}`);
}

function readyLine(text: string): Readonly<Record<string, unknown>>[] {
  if (!text.startsWith('{') || !text.endsWith('}')) return [];
  const value: unknown = JSON.parse(text);
  return value !== null && typeof value === 'object' && 'event' in value && value.event === 'ready' ? [{ ...value }] : [];
}

async function stopChild(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (!hasEnded(child) && Date.now() < deadline) await sleep(50);
  if (!hasEnded(child)) child.kill('SIGKILL');
  return child.exitCode;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
