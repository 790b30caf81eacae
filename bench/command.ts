import { fileURLToPath } from 'node:url';
import { startLocalStack } from '../src/localstack/stack.ts';
import { BenchCheckError } from './checks.ts';
import type { Servers } from './system-run.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

type Bench<Options> = {
  readonly usage: string;
  readonly parse: (args: readonly string[]) => Options;
  readonly run: (options: Options) => Promise<void>;
};

/**
 * Runs a bench from the root of the repository, as its command line says.
 * Exit codes: 0 measured · 1 a system lost a record or read too often · 64 usage · 70 anything else.
 */
export async function runCommand<Options>({ usage, parse, run }: Bench<Options>): Promise<void> {
  process.chdir(ROOT);
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const options = optionsOf(() => parse(args), usage);
  if (options === undefined) return;
  try {
    await run(options);
  } catch (error) {
    process.stderr.write(`${error instanceof BenchCheckError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = error instanceof BenchCheckError ? 1 : 70;
  }
  // A client of a run that failed may still hold a connection; nothing is left to do.
  setTimeout(() => process.exit(), 5_000).unref();
}

function optionsOf<Options>(parse: () => Options, usage: string): Options | undefined {
  try {
    return parse();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exitCode = 64;
    return undefined;
  }
}

/** Runs `work` beside servers of its own, never at configured addresses: the servers' CPU is part of the measurement. */
export async function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  const stack = await startLocalStack({ dir: `${ROOT}.local`, native: true, log });
  try {
    const kafkaPid = stack.kafka?.pid();
    const temporalPid = stack.temporal?.pid();
    if (kafkaPid === undefined || temporalPid === undefined) throw new Error('the local stack did not say which processes its servers are');
    return await work({ kafkaPid, temporalPid, kafkaBrokers: stack.kafkaBrokers, temporalAddress: stack.temporalAddress });
  } finally {
    await stack.stop();
  }
}

/** To standard error, so that a report on standard output stays clean. */
export function log(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
