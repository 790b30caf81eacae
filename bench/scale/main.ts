import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defined } from '../../src/domain/defined.ts';
import { buildSystems } from '../build.ts';
import { log, ROOT, runCommand } from '../command.ts';
import { describeMachine, machineLine } from '../report/machine.ts';
import { BACKLOG } from './backlog.ts';
import { startEngines } from './engines.ts';
import { SLEEPING } from './sleeping.ts';
import { type Experiment, openStage, type StageOptions, tableHead, tableRow } from './stage.ts';
import { WORKERS } from './workers.ts';

const EXPERIMENTS: ReadonlyMap<string, Experiment> = new Map(Object.entries({ workers: WORKERS, sleeping: SLEEPING, backlog: BACKLOG }));

const USAGE = `usage: npx tsx bench/scale/main.ts <experiment> [case…] [options]
  workers  [all | 2x1 …]              the service split into workers x ingresses
  sleeping [10000:1000[:seconds] …]   verifications that wait, with this many in a worker's cache
  backlog  [100000[:seconds]]         records that are all due when the service starts
  --dist DIR       measure the service built in DIR instead of building it
  --postgres DIR   Temporal on Postgres; DIR holds Temporal's programs server and sql`;

type Measure = ReturnType<Experiment['rowsOf']>;

async function* rowsOf(measures: readonly Measure[], options: StageOptions): AsyncGenerator<string> {
  for (const measure of measures) {
    const stage = await openStage(options);
    try {
      for await (const cells of measure(stage)) yield tableRow(cells);
      stage.assertReadOnce();
    } finally {
      await stage.close();
    }
  }
}

type ScaleOptions = {
  readonly experiment: Experiment;
  readonly cases: readonly string[];
  readonly dist?: string;
  readonly postgres?: string;
};

function parseScaleOptions(args: readonly string[]): ScaleOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { dist: { type: 'string' }, postgres: { type: 'string' } },
  });
  const [name = '', ...cases] = positionals;
  const experiment = EXPERIMENTS.get(name);
  if (experiment === undefined) throw new RangeError(`${JSON.stringify(name)} is none of ${[...EXPERIMENTS.keys()].join(', ')}`);
  return { experiment, cases: cases.length > 0 ? cases : experiment.cases, ...defined(values) };
}

async function measure({ experiment, cases, dist, postgres }: ScaleOptions): Promise<void> {
  const measures = cases.map((text) => experiment.rowsOf(text));
  if (dist === undefined) await buildSystems({ systems: ['ours'] }, { root: ROOT });
  const logDir = join(ROOT, '.local/bench/logs');
  await mkdir(logDir, { recursive: true });
  const engines = await startEngines({ localDir: join(ROOT, '.local'), log, ...defined({ postgresTools: postgres }) });
  try {
    process.stdout.write(`${machineLine(describeMachine())}\n${tableHead(experiment.columns)}\n`);
    for await (const row of rowsOf(measures, { engines, distDir: dist ?? 'dist', logDir })) process.stdout.write(`${row}\n`);
  } finally {
    await engines.stop();
  }
}

await runCommand({ usage: USAGE, parse: parseScaleOptions, run: measure });
