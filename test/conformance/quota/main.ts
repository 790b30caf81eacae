import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startLocalStack } from '../../../src/localstack/stack.ts';
import { killAllProcesses } from '../../support/process.ts';
import { isClean } from './oracle.ts';
import type { Role } from './fleet.ts';
import { openRig } from './rig.ts';
import type { StormPlan } from './schedule.ts';
import { runStorm } from './storm.ts';
import type { StormReport } from './storm.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../../.local', import.meta.url));
const RESULTS = join(LOCAL_DIR, 'storm-results.ndjson');
const PROGRESS_EVERY_MS = 30_000;
const OWN_END_CHARACTERS = 4_000;
const ROLES: readonly Role[] = ['worker', 'worker', 'ingress', 'ingress'];

/** `1..20` or `7`: the same number gives the same schedule of actions. */
function seedsOf(text: string): number[] {
  const [from = '1', to = from] = text.split('..');
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
}

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

function lineOf(report: StormReport): object {
  const { seed, tokens, kills, operatorActions, reads, mostReadsOfOneToken, fourthReads, readAfterWindow, ragedMs, settledMs } = report;
  const { wedged, withoutOutcome, wrongConclusion, verdictLost, severalBodies, terminated, emissions, revisions, ownEnds } = report;
  return {
    seed,
    tokens,
    kills,
    operatorActions,
    reads,
    mostReadsOfOneToken,
    fourthReads: fourthReads.length,
    readAfterWindow: readAfterWindow.length,
    withoutOutcome: withoutOutcome.length,
    wrongConclusion: wrongConclusion.length,
    verdictLost: verdictLost.length,
    severalBodies: severalBodies.length,
    terminated,
    emissions,
    revisions,
    ownEnds: ownEnds.map((text) => text.slice(-OWN_END_CHARACTERS)),
    wedged,
    seconds: Math.round((ragedMs + settledMs) / 1_000),
  };
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..20' },
    tokens: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '90' },
    kills: { type: 'string', default: '24' },
    actions: { type: 'string' },
    window: { type: 'string' },
    share: { type: 'string', default: '0.5' },
  },
});
await mkdir(LOCAL_DIR, { recursive: true });
let failed = false;
const total = {
  storms: 0,
  tokens: 0,
  kills: 0,
  operatorActions: 0,
  reads: 0,
  fourthReads: 0,
  withoutOutcome: 0,
  severalBodies: 0,
  wedged: 0,
};
for (const seed of seedsOf(values.seeds)) {
  const tokens = Number(values.tokens);
  const operatorActions = Number(values.actions ?? Math.ceil(tokens * 0.3));
  const seconds = Number(values.seconds);
  const windowMs = 1_000 * Number(values.window ?? Math.round(Math.max(30, seconds * 0.8)));
  const submitShare = Number(values.share);
  const report = await oneStorm({ seed, tokens, seconds, submitShare, kills: Number(values.kills), operatorActions }, windowMs);
  failed ||= !isClean(report);
  total.storms += 1;
  total.tokens += report.tokens;
  total.kills += report.kills;
  total.operatorActions += report.operatorActions;
  total.reads += report.reads;
  total.fourthReads += report.fourthReads.length;
  total.withoutOutcome += report.withoutOutcome.length;
  total.wedged += report.wedged;
  total.severalBodies += report.severalBodies.length;
  await appendFile(RESULTS, `${JSON.stringify({ at: new Date().toISOString(), ...lineOf(report), total })}\n`);
  process.stdout.write(`${JSON.stringify(isClean(report) ? lineOf(report) : report)}\n${JSON.stringify({ total })}\n`);
}
process.exitCode = failed ? 1 : 0;
