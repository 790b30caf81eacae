import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startLocalStack } from '../../src/localstack/stack.ts';
import { buildSystems } from '../build.ts';
import type { Usage } from '../measure/meters.ts';
import { describeMachine, machineLine } from '../report/machine.ts';
import { percentile } from '../report/statistics.ts';
import { runSystem, type Servers } from '../system-run.ts';
import { ours } from '../systems/ours.ts';
import { readProfiles, type ThreadProfile } from './profile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SHOWN_OWNERS = 16;

const { values } = parseArgs({
  options: {
    burst: { type: 'string', default: '1500' },
    repetitions: { type: 'string', default: '1' },
    /** Builds to compare, in turns; the first one is profiled as well. */
    dists: { type: 'string', default: 'dist' },
    'no-profile': { type: 'boolean', default: false },
  },
});
const tokens = Number(values.burst);
const title = `burst of ${tokens} tokens`;
const work = join(ROOT, '.local/bench/cpu');

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

async function burst(servers: Servers, { dist, profileDir }: { dist: string; profileDir?: string }): Promise<Usage> {
  log(`${dist}${profileDir === undefined ? '' : ', profiled'}`);
  const [result] = await runSystem({
    system: ours({ distDir: dist }),
    workloads: [{ kind: 'BURST', title, tokens }],
    servers,
    logDir: work,
    log: () => undefined,
    ...(profileDir === undefined ? {} : { profileDir }),
  });
  if (result === undefined) throw new Error('the burst gave no result');
  return result.usage;
}

const THREADS: readonly (readonly [RegExp, string])[] = [
  [/^(node|MainThread)$/, 'main thread and V8 isolates of their own'],
  [/^(tokio|temporal)/, "Temporal Core's threads (Rust)"],
  [/^(libuv|V8|DelayedTask|SignalInspector)/, "Node.js's pools: compiling, garbage, cipher, DNS"],
];

/** `node` is the name of the main thread and of each worker thread, which the profile tells apart. */
function threadRows({ serviceThreads }: Usage): Map<string, number> {
  const rows = new Map<string, number>();
  for (const { name, cpuMs } of serviceThreads) {
    const group = THREADS.find(([names]) => names.test(name))?.[1] ?? name;
    rows.set(group, (rows.get(group) ?? 0) + cpuMs / tokens);
  }
  return rows;
}

function profileRows(profiles: readonly ThreadProfile[], thread: ThreadProfile['thread']): string[] {
  const ownMs = new Map<string, number>();
  for (const profile of profiles.filter((one) => one.thread === thread))
    for (const [owner, ms] of profile.ownMs) ownMs.set(owner, (ownMs.get(owner) ?? 0) + ms);
  ownMs.delete('idle');
  const total = [...ownMs.values()].reduce((sum, ms) => sum + ms, 0);
  return [...ownMs]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, SHOWN_OWNERS)
    .map(([owner, ms]) => `| ${owner} | ${((100 * ms) / total).toFixed(1)} % |`);
}

function median(numbers: readonly number[]): number {
  return percentile(numbers, 50);
}

async function main(): Promise<void> {
  process.chdir(ROOT);
  const machine = describeMachine();
  const dists = values.dists.split(',');
  const first = dists[0] ?? 'dist';
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  if (values.dists === 'dist') await buildSystems({ systems: ['ours'] }, { root: ROOT });
  const stack = await startLocalStack({ dir: join(ROOT, '.local'), native: true, log });
  try {
    const [kafkaPid, temporalPid] = [stack.kafka?.pid(), stack.temporal?.pid()];
    if (kafkaPid === undefined || temporalPid === undefined) throw new Error('the local stack did not say which processes its servers are');
    const servers = { kafkaPid, temporalPid, kafkaBrokers: stack.kafkaBrokers, temporalAddress: stack.temporalAddress };
    const usages = new Map<string, Usage[]>(dists.map((dist) => [dist, []]));
    for (let repetition = 0; repetition < Number(values.repetitions); repetition += 1)
      for (const dist of repetition % 2 === 0 ? dists : dists.toReversed()) usages.get(dist)?.push(await burst(servers, { dist }));
    process.stdout.write(
      `\n${machineLine(machine)}\n\n| Build | CPU of the service, ms a token: median (all runs) | of Temporal |\n|---|---|---|\n`,
    );
    for (const [dist, runs] of usages) {
      const own = runs.map(({ serviceCpuMs }) => serviceCpuMs / tokens);
      const temporal = runs.map(({ temporalCpuMs }) => temporalCpuMs / tokens);
      const all = own.map((ms) => ms.toFixed(2)).join(', ');
      process.stdout.write(`| ${dist} | ${median(own).toFixed(2)} (${all}) | ${median(temporal).toFixed(2)} |\n`);
    }
    const sample = usages.get(first)?.at(-1);
    if (sample !== undefined) {
      process.stdout.write(`\n| Threads of ${first} | ms a token |\n|---|---|\n`);
      for (const [group, ms] of threadRows(sample)) process.stdout.write(`| ${group} | ${ms.toFixed(2)} |\n`);
    }
    if (values['no-profile']) return;
    await burst(servers, { dist: first, profileDir: work });
    const profiles = readProfiles(work);
    for (const thread of ['main', 'workflows', 'other'] as const)
      process.stdout.write(`\n| Own time, thread: ${thread} | share |\n|---|---|\n${profileRows(profiles, thread).join('\n')}\n`);
  } finally {
    await stack.stop();
  }
}

await main();
// A client of a run that failed may still hold a connection; nothing is left to do.
setTimeout(() => process.exit(), 5_000).unref();
