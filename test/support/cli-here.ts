import { readFile, writeFile } from 'node:fs/promises';
import { UNUSED_IO } from '../../scripts/docs/commands.ts';
import { sleep } from '../../src/async/sleep.ts';
import { isRepeatable, keepFile, placeAt, readLines } from '../../src/cli/host.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';
import { createRealBackend } from '../../src/cli/real-backend.ts';
import { openJournal } from '../../src/operator/replay/journal-file.ts';
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
  { input = '', pause = sleep }: { readonly input?: string; readonly pause?: CliIo['sleep'] } = {},
): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const io: CliIo = {
    ...UNUSED_IO,
    env,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    readStdin: async () => await Promise.resolve(input),
    readFile: async (path) => await readFile(path, 'utf8'),
    writeFile: async (path, content) => await writeFile(path, content, { mode: 0o600 }),
    keepFile,
    placeAt,
    lines: readLines,
    isRepeatable,
    journal: (path) => openJournal(path),
    interruption: () => new AbortController().signal,
    columns: () => 80,
    now: Date.now,
    monotonicMs: () => performance.now(),
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

let borrowers = 0;
let own: readonly (readonly [string, string | undefined])[] = [];

/** Temporal's own library reads them from the environment of the process. All that run at once have the same ones. */
function lendTemporalSettings(env: Readonly<Record<string, string>>): () => void {
  if (borrowers === 0) {
    own = temporalSettingsIn(process.env);
    for (const [name] of own) delete process.env[name];
  }
  borrowers += 1;
  for (const [name, value] of temporalSettingsIn(env)) process.env[name] = value;
  return () => {
    borrowers -= 1;
    if (borrowers > 0) return;
    for (const [name] of temporalSettingsIn(process.env)) delete process.env[name];
    for (const [name, value] of own) process.env[name] = value;
  };
}

function temporalSettingsIn(env: NodeJS.ProcessEnv): readonly (readonly [string, string | undefined])[] {
  return Object.entries(env).filter(([name]) => name.startsWith('TEMPORAL_'));
}
