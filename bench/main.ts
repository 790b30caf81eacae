import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalStack } from '../src/localstack/stack.ts';
import { buildSystems } from './build.ts';
import { BenchCheckError } from './checks.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { runOrder } from './order.ts';
import { describeMachine } from './report/machine.ts';
import { renderReport, type Sample, summarize } from './report/report.ts';
import { runSystem, type Servers } from './system-run.ts';
import { naive } from './systems/naive.ts';
import { ours } from './systems/ours.ts';
import { workloadsOf } from './workload.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Exit codes: 0 measured · 1 a system lost a record or read too often · 64 usage · 70 anything else. */
async function main(): Promise<void> {
  process.chdir(ROOT);
  const options = readOptions();
  if (!options) return;
  const machine = describeMachine();
  await buildSystems(options, { root: ROOT });
  const samples = await measure(options);
  const reports = summarize(samples);
  process.stdout.write(`\n${renderReport(reports, machine)}\n`);
  if (options.jsonPath !== undefined)
    await writeFile(options.jsonPath, `${JSON.stringify({ machine, options, reports, samples }, null, 2)}\n`);
}

async function measure(options: BenchOptions): Promise<Sample[]> {
  const logDir = join(ROOT, '.local/bench/logs');
  await rm(logDir, { recursive: true, force: true });
  await mkdir(logDir, { recursive: true });
  // Own processes, never configured addresses: the servers' CPU is part of the measurement.
  const stack = await startLocalStack({ dir: join(ROOT, '.local'), native: true, log });
  try {
    const kafkaPid = stack.kafka?.pid();
    const temporalPid = stack.temporal?.pid();
    if (kafkaPid === undefined || temporalPid === undefined) throw new Error('the local stack did not say which processes its servers are');
    return await measureAll(options, {
      servers: { kafkaPid, temporalPid, kafkaBrokers: stack.kafkaBrokers, temporalAddress: stack.temporalAddress },
      logDir,
    });
  } finally {
    await stack.stop();
  }
}

async function measureAll(options: BenchOptions, { servers, logDir }: { servers: Servers; logDir: string }): Promise<Sample[]> {
  const samples: Sample[] = [];
  const workloads = workloadsOf(options);
  const systems = { ours: ours({ distDir: options.distDir ?? 'dist' }), naive };
  const profile = options.profileDir === undefined ? {} : { profileDir: options.profileDir };
  for (const name of runOrder(options.systems, options.repetitions)) {
    const results = await runSystem({ system: systems[name], workloads, servers, logDir, log, ...profile });
    samples.push(...results.map(({ title, measurements }) => ({ system: name, workload: title, measurements })));
  }
  return samples;
}

function readOptions(): BenchOptions | undefined {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return undefined;
  }
  try {
    return parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exitCode = 64;
    return undefined;
  }
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof BenchCheckError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = error instanceof BenchCheckError ? 1 : 70;
}
// A client of a run that failed may still hold a connection; nothing is left to do.
setTimeout(() => process.exit(), 5_000).unref();
