import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSystems } from '../build.ts';
import { describeMachine, machineLine } from '../report/machine.ts';
import { BACKLOG_HEAD, backlogRows } from './backlog.ts';
import { startEngines } from './engines.ts';
import { SLEEPING_HEAD, sleepingRows } from './sleeping.ts';
import { WORKERS_HEAD, workersRows } from './workers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXPERIMENTS = {
  workers: { head: WORKERS_HEAD, rows: workersRows },
  sleeping: { head: SLEEPING_HEAD, rows: sleepingRows },
  backlog: { head: BACKLOG_HEAD, rows: backlogRows },
} as const;

const USAGE = `usage: npx tsx bench/scale/main.ts <experiment> [case…] [options]
  workers  [all | 2x1 …]              the service split into workers x ingresses
  sleeping [10000:1000[:seconds] …]   verifications that wait, with this many in a worker's cache
  backlog  [100000[:seconds]]         records that are all due when the service starts
  --dist DIR       measure the service built in DIR instead of building it
  --postgres DIR   Temporal on Postgres; DIR holds Temporal's programs server and sql`;

function isExperiment(name: string | undefined): name is keyof typeof EXPERIMENTS {
  return name !== undefined && name in EXPERIMENTS;
}

async function main(): Promise<void> {
  process.chdir(ROOT);
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dist: { type: 'string' }, postgres: { type: 'string' } },
  });
  const [name, ...cases] = positionals;
  if (!isExperiment(name)) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 64;
    return;
  }
  const experiment = EXPERIMENTS[name];
  const { dist, postgres } = values;
  if (dist === undefined) await buildSystems({ systems: ['ours'] }, { root: ROOT });
  const logDir = join(ROOT, '.local/bench/logs');
  await mkdir(logDir, { recursive: true });
  const engines = await startEngines({
    localDir: join(ROOT, '.local'),
    log: (line) => process.stderr.write(`${line}\n`),
    ...(postgres !== undefined && { postgresTools: postgres }),
  });
  try {
    process.stdout.write(`${machineLine(describeMachine())}\n${experiment.head}\n`);
    for await (const row of experiment.rows(cases, { engines, distDir: dist ?? 'dist', logDir })) process.stdout.write(`${row}\n`);
  } finally {
    await engines.stop();
  }
}

await main();
// A client of a run that failed may still hold a connection; nothing is left to do.
setTimeout(() => process.exit(), 5_000).unref();
