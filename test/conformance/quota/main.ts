import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalStack } from '../../../src/localstack/stack.ts';
import { killAllProcesses } from '../../support/process.ts';
import { stormOptions } from './command.ts';
import type { Role } from './fleet.ts';
import { isClean } from './oracle.ts';
import { recordOf, type StormRecord, sumOf } from './record.ts';
import { openRig } from './rig.ts';
import type { StormPlan } from './schedule.ts';
import { runStorm, type StormReport } from './storm.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../../.local', import.meta.url));
const RESULTS = join(LOCAL_DIR, 'storm-results.ndjson');
const PROGRESS_EVERY_MS = 30_000;
const ROLES: readonly Role[] = ['worker', 'worker', 'ingress', 'ingress'];

async function oneStorm(plan: StormPlan, windowMs: number): Promise<StormReport> {
  const dynamicConfig = { 'frontend.WorkflowPauseEnabled': 'true' };
  const stack = await startLocalStack({ dir: LOCAL_DIR, native: true, dynamicConfig, log: () => undefined });
  try {
    const rig = await openRig({ stack, windowMs, roles: ROLES });
    const startedAtMs = Date.now();
    const progress = setInterval(() => {
      const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
      process.stderr.write(
        `seed ${plan.seed}, ${seconds} s: ${rig.submitted.length} of ${plan.tokens} submitted, ${rig.fleet.kills()} kills\n`,
      );
    }, PROGRESS_EVERY_MS);
    try {
      return await runStorm(rig, plan);
    } finally {
      clearInterval(progress);
      await rig.close();
    }
  } finally {
    killAllProcesses();
    await stack.stop();
  }
}

const options = stormOptions(process.argv.slice(2));
await mkdir(LOCAL_DIR, { recursive: true });
const records: StormRecord[] = [];
for (const seed of options.seeds) {
  const { tokens, seconds, kills, aimed, actions: operatorActions, share: submitShare } = options;
  const report = await oneStorm({ seed, tokens, seconds, submitShare, kills, aimed, operatorActions }, options.window * 1_000);
  const record = recordOf(report, Date.now());
  records.push(record);
  await appendFile(RESULTS, `${JSON.stringify(record)}\n`);
  for (const words of report.ownEnds) process.stderr.write(`seed ${seed}: a process ended by itself:\n${words}\n`);
  if (!isClean(report)) process.exitCode = 1;
  process.stdout.write(`${JSON.stringify(isClean(report) ? record : report)}\n`);
}
const sums = ['tokens', 'kills', 'operatorActions', 'reads', 'fourthReads', 'withoutOutcome', 'severalBodies'] as const;
process.stdout.write(`total: ${sums.map((figure) => `${sumOf(records, figure)} ${figure}`).join(', ')}\n`);
