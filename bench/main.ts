import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSystems } from './build.ts';
import { log, ROOT, runCommand, withServers } from './command.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { runOrder } from './order.ts';
import { describeMachine } from './report/machine.ts';
import { renderReport, type Sample, summarize } from './report/report.ts';
import { runSystem, type Servers } from './system-run.ts';
import { naive } from './systems/naive.ts';
import { ours } from './systems/ours.ts';
import { workloadsOf } from './workload.ts';

async function bench(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  await buildSystems(options, { root: ROOT });
  const logDir = join(ROOT, '.local/bench/logs');
  await rm(logDir, { recursive: true, force: true });
  await mkdir(logDir, { recursive: true });
  const samples = await withServers((servers) => measureAll(options, { servers, logDir }));
  const reports = summarize(samples);
  process.stdout.write(`\n${renderReport(reports, machine)}\n`);
  if (options.jsonPath !== undefined)
    await writeFile(options.jsonPath, `${JSON.stringify({ machine, options, reports, samples }, null, 2)}\n`);
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

await runCommand({ usage: USAGE, parse: parseOptions, run: bench });
