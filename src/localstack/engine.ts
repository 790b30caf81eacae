import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hostEnvironment } from './host.ts';

const GUARDIAN = fileURLToPath(new URL('./guardian.mjs', import.meta.url));
const STOP_GRACE_MS = 5_000;

export type EngineCommand = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logPath: string;
  readonly variables?: Readonly<Record<string, string>>;
};

/** One running engine process. It never outlives this process, not even after kill -9 (see `guardian.mjs`). */
export type Engine = {
  readonly pid: number;
  /** How it ended ("code 0", "SIGKILL"), or undefined while it runs. */
  ended(): string | undefined;
  /** Sends a signal to the engine's process group; does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after 5 s; resolves when it has ended. */
  stop(): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  untilGone(): Promise<void>;
};

/** Starts the command under a guardian. Output goes to `logPath`, appended. Throws when the command cannot be started. */
export async function startEngine(request: EngineCommand): Promise<Engine> {
  const log = openSync(request.logPath, 'a');
  const guardian = spawn(process.execPath, [GUARDIAN, String(STOP_GRACE_MS), request.command, ...request.args], {
    detached: true,
    env: hostEnvironment(request.variables),
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  let ended: string | undefined;
  const gone = new Promise<void>((resolve) => {
    guardian.once('exit', (code, signal) => {
      ended ??= signal ?? `code ${code}`;
      resolve();
    });
  });
  guardian.on('message', (message) => {
    ended ??= exitOf(message);
  });
  const pid = await firstPid(guardian, gone, () => startFailure(request, ended));
  // The engine runs on in the background: it must not keep a finished program from ending.
  guardian.unref();
  guardian.channel?.unref();
  const untilGone = (): Promise<void> => {
    guardian.ref();
    return gone;
  };
  return {
    pid,
    untilGone,
    ended: () => ended,
    signal: (signal) => send(guardian, signal),
    stop() {
      send(guardian, 'STOP');
      return untilGone();
    },
  };
}

function send(guardian: ChildProcess, message: string): void {
  if (guardian.connected) guardian.send(message);
}

function firstPid(guardian: ChildProcess, gone: Promise<void>, failure: () => Error): Promise<number> {
  return new Promise((resolve, reject) => {
    guardian.on('message', (message) => {
      const pid = pidOf(message);
      if (pid !== undefined) resolve(pid);
    });
    guardian.once('error', reject);
    void gone.then(() => reject(failure()));
  });
}

function pidOf(message: unknown): number | undefined {
  return typeof message === 'object' && message !== null && 'pid' in message && typeof message.pid === 'number' ? message.pid : undefined;
}

function exitOf(message: unknown): string | undefined {
  return typeof message === 'object' && message !== null && 'exit' in message ? String(message.exit) : undefined;
}

/** The error for an engine that ended when it should have started, with the end of its log. */
export function startFailure(request: EngineCommand, ended: string | undefined): Error {
  const tail = readFileSync(request.logPath, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  return new Error(`${request.name} did not start (${ended ?? 'no answer in time'}). The end of its log:\n${tail}`);
}
