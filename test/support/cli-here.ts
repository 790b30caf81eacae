import { UNUSED_IO } from '../../scripts/docs/commands.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';
import { createRealBackend } from '../../src/cli/real-backend.ts';
import type { CliRun } from './cli-process.ts';
import { silentLogger } from './silent-logger.ts';

/**
 * Runs the command line in this process, against real servers: for what asks nothing, many times over, since a process of its own
 * costs a second of CPU. Temporal's own variables are read from the environment of this process.
 */
export async function cliHere(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const io: CliIo = {
    ...UNUSED_IO,
    env,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    interruption: () => new AbortController().signal,
    columns: () => 80,
    now: Date.now,
    monotonicMs: () => performance.now(),
    // What waits is looked at twice; in these tests nothing moves between.
    sleep: async () => await Promise.resolve(),
  };
  const code = await runCli(args, { io, backend: createRealBackend(silentLogger), version: '1.2.3' });
  return { code, out: out.join(''), err: err.join('') };
}
