import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../src/domain/defined.ts';
import { buildSystems } from '../build.ts';
import { log, ROOT, runCommand, withServers } from '../command.ts';
import type { Usage } from '../measure/meters.ts';
import { runOrder } from '../order.ts';
import { describeMachine, machineLine } from '../report/machine.ts';
import { runSystem, type Servers } from '../system-run.ts';
import { ours } from '../systems/ours.ts';
import { type CpuOptions, parseCpuOptions, USAGE } from './options.ts';
import { readProfiles } from './profile.ts';
import { type Burst, profileTables, usageTables } from './report.ts';

const WORK = join(ROOT, '.local/bench/cpu');

async function measure({ burstTokens: tokens, repetitions, distDirs, isProfiled }: CpuOptions): Promise<void> {
  const machine = describeMachine();
  await rm(WORK, { recursive: true, force: true });
  await mkdir(WORK, { recursive: true });
  if (distDirs.length === 0) await buildSystems({ systems: ['ours'] }, { root: ROOT });
  const [first = 'dist', ...others] = distDirs;
  await withServers(async (servers) => {
    const bursts: Burst[] = [];
    for (const dist of runOrder([first, ...others], repetitions)) bursts.push({ dist, usage: await burst(servers, { dist, tokens }) });
    process.stdout.write(`\n${machineLine(machine)}\n\n${usageTables(bursts, { tokens })}\n`);
    if (!isProfiled) return;
    await burst(servers, { dist: first, tokens, profileDir: WORK });
    process.stdout.write(`\n${profileTables(readProfiles(WORK))}\n`);
  });
}

type BurstOf = { readonly dist: string; readonly tokens: number; readonly profileDir?: string };

async function burst(servers: Servers, { dist, tokens, profileDir }: BurstOf): Promise<Usage> {
  log(`${dist}${profileDir === undefined ? '' : ', profiled'}`);
  const [result] = await runSystem({
    system: ours({ distDir: dist }),
    workloads: [{ kind: 'BURST', title: `burst of ${tokens} tokens`, tokens }],
    servers,
    logDir: WORK,
    log: () => undefined,
    ...defined({ profileDir }),
  });
  if (result === undefined) throw new Error('the burst gave no result');
  return result.usage;
}

await runCommand({ usage: USAGE, parse: parseCpuOptions, run: measure });
