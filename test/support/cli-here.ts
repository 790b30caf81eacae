import { isDeepStrictEqual } from 'node:util';
import { UNUSED_IO } from '../../scripts/docs/commands.ts';
import { MACHINE } from '../../src/cli/host.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';
import { createRealBackend } from '../../src/cli/real-backend.ts';
import type { CliRun } from './cli-process.ts';
import { silentLogger } from './silent-logger.ts';

/**
 * Runs the command line in this process, with real files and against real servers: a process of its own, as `startCli` makes
 * it, costs a second of CPU, and is for what is killed, asks, or says something about processes. `input`: its standard input.
 * `pause`: how it waits, if not for as long as it says.
 */
export async function cliHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { input = '', pause = MACHINE.sleep }: { readonly input?: string; readonly pause?: CliIo['sleep'] } = {},
): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const io: CliIo = {
    ...UNUSED_IO,
    ...MACHINE,
    env,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    readStdin: async () => await Promise.resolve(input),
    interruption: () => new AbortController().signal,
    columns: () => 80,
    sleep: pause,
  };
  const restore = lendTemporalSettings(env);
  try {
    const code = await runCli(args, { io, backend: createRealBackend(silentLogger), version: '1.2.3' });
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    restore();
  }
}

type TemporalSettings = readonly (readonly [string, string | undefined])[];

let borrowers = 0;
let own: TemporalSettings = [];

/** Temporal's own library reads them from the environment of the process, so all that run at once have to have the same ones. */
function lendTemporalSettings(env: Readonly<Record<string, string>>): () => void {
  const asked = temporalSettingsIn(env);
  if (borrowers === 0) {
    own = temporalSettingsIn(process.env);
    for (const [name] of own) delete process.env[name];
    for (const [name, value] of asked) process.env[name] = value;
  } else if (!isDeepStrictEqual(Object.fromEntries(temporalSettingsIn(process.env)), Object.fromEntries(asked))) {
    throw new Error('commands with other settings of Temporal run in this process: let them run one after the other, or use startCli');
  }
  borrowers += 1;
  return () => {
    borrowers -= 1;
    if (borrowers > 0) return;
    for (const [name] of temporalSettingsIn(process.env)) delete process.env[name];
    for (const [name, value] of own) process.env[name] = value;
  };
}

function temporalSettingsIn(env: NodeJS.ProcessEnv): TemporalSettings {
  return Object.entries(env).filter(([name]) => name.startsWith('TEMPORAL_'));
}
