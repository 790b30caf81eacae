import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startLocalStack } from '../src/localstack/stack.ts';
import { memoryMiB } from './measure/processes.ts';
import { type RunningService, startService } from './measure/service.ts';
import { describeMachine, machineLine } from './report/machine.ts';
import { ours } from './systems/ours.ts';
import type { RunTopics } from './systems/system.ts';
import { connectKafka } from './traffic/kafka.ts';
import { createLedger } from './traffic/ledger.ts';
import { sendBurst } from './traffic/requests.ts';

// How much memory a worker needs for verifications that wait for their first read, hours away: `npx tsx bench/sleeping.ts`,
// after `npm run build`. Arguments are <verifications>:<VF_MAX_CACHED_WORKFLOWS>[:<seconds to wait for them at most>]; the table
// tells how many were asleep by then.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DEFAULT_CASES = ['1000:40', '1000:1000', '10000:40', '10000:2000', '10000:10000'];
const ASLEEP_WITHIN_S = 20 * 60;
/** Until garbage is collected and histories are acknowledged. */
const SETTLES_WITHIN_MS = 10_000;

type Engines = { readonly kafkaBrokers: string; readonly temporalAddress: string };

type Case = { readonly count: number; readonly cached: number; readonly withinMs: number };

async function measure({ count, cached, withinMs }: Case, engines: Engines): Promise<string> {
  const runId = `sleeping-${randomBytes(4).toString('hex')}`;
  const topics: RunTopics = { request: `${runId}.request`, hint: `${runId}.hint`, outcome: `${runId}.outcome`, deadLetter: `${runId}.dlq` };
  const system = ours({ distDir: 'dist' });
  const kafka = await connectKafka(engines.kafkaBrokers);
  await kafka.createTopics(topics);
  const service = await startService({
    name: runId,
    args: system.args,
    environment: {
      ...system.environment({ runId, topics, vendorBaseUrl: 'http://127.0.0.1:9/faceid', ...engines }),
      VF_POLICY_PROFILE: 'custom',
      VF_POLICY_CUSTOM_OFFSETS: '12h,20h',
      VF_MAX_CACHED_WORKFLOWS: String(cached),
      VF_LOG_LEVEL: 'warn',
    },
    logPath: join(ROOT, '.local/bench/logs', `${runId}.log`),
  });
  try {
    const emptyMiB = memoryMiB(service.tree, 'VmRSS');
    const requests = Array.from({ length: count }, () => system.request(`token-${randomBytes(24).toString('hex')}`));
    const startedMs = performance.now();
    await sendBurst(requests, { producer: kafka.producer, topic: topics.request, ledger: createLedger() });
    const asleep = await untilAsleep(service, { count, deadlineMs: startedMs + withinMs });
    const seconds = (performance.now() - startedMs) / 1_000;
    await sleep(SETTLES_WITHIN_MS);
    const asleepMiB = memoryMiB(service.tree, 'VmRSS');
    const inCache = await sumOf(service, 'temporal_sticky_cache_size');
    const row = [
      asleep,
      cached,
      inCache,
      emptyMiB.toFixed(0),
      asleepMiB.toFixed(0),
      memoryMiB(service.tree, 'VmHWM').toFixed(0),
      seconds.toFixed(0),
    ];
    return `| ${row.join(' | ')} |`;
  } finally {
    await service.stop();
    await kafka.close();
  }
}

/** Each has done its first workflow task, and with it set its timer. */
async function untilAsleep(service: RunningService, { count, deadlineMs }: { count: number; deadlineMs: number }): Promise<number> {
  for (;;) {
    service.assertAlive();
    const asleep = await sumOf(service, 'temporal_workflow_task_execution_latency_seconds_count');
    if (asleep >= count || performance.now() > deadlineMs) return asleep;
    await sleep(500);
  }
}

async function sumOf(service: RunningService, metric: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${String(service.ready['adminPort'])}/metrics`)).text();
  const samples = text.matchAll(new RegExp(`^${metric}(?:\\{.*\\})? (\\S+)$`, 'gm'));
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
}

await mkdir(join(ROOT, '.local/bench/logs'), { recursive: true });
const cases = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT_CASES;
const stack = await startLocalStack({ dir: join(ROOT, '.local'), native: true, log: (line) => console.error(line) });
try {
  console.log(machineLine(describeMachine()));
  console.log('| sleeping | cache | in cache | MiB before | MiB asleep | MiB peak | seconds |\n|---|---|---|---|---|---|---|');
  for (const [count = 0, cached = 0, withinS = ASLEEP_WITHIN_S] of cases.map((text) => text.split(':').map(Number)))
    console.log(await measure({ count, cached, withinMs: withinS * 1_000 }, stack));
} finally {
  await stack.stop();
}
// A client of a run that failed may still hold a connection; nothing is left to do.
setTimeout(() => process.exit(), 5_000).unref();
