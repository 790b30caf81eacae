import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../report/statistics.ts';
import { sendBurst } from '../traffic/requests.ts';
import { memoryOf, metricOf } from './crew.ts';
import { type Cells, type Experiment, numbersIn, type Stage, untilHolds } from './stage.ts';

// Verifications whose first read is twelve hours away: what they cost a worker and the server while they sleep, and how soon
// those that are called are served by a worker that has never seen them. A case is
// <verifications>:<VF_MAX_CACHED_WORKFLOWS>[:<seconds to wait at most until all sleep>].

const ASLEEP_WITHIN_S = 40 * 60;
/** Until garbage is collected and histories are acknowledged. */
const SETTLES_WITHIN_MS = 10_000;
const CALLED = 1_000;
const SERVED_WITHIN_MS = 10 * 60_000;

export const SLEEPING: Experiment = {
  columns: [
    'asleep',
    'cache',
    'in cache',
    'worker MiB before',
    'asleep',
    'peak',
    'Temporal MiB before',
    'asleep',
    'seconds until asleep',
    'worker MiB restarted',
    'served p50 s',
    'all served s',
  ],
  cases: ['1000:40', '1000:1000', '10000:40', '10000:10000', '100000:1000'],
  rowsOf(text) {
    const [count = 0, cached = 0, withinS = ASLEEP_WITHIN_S] = numbersIn(text, { least: 2, most: 3 });
    return async function* (stage) {
      yield await measure(stage, { count, cached, withinMs: withinS * 1_000 });
    };
  },
};

type Case = { readonly count: number; readonly cached: number; readonly withinMs: number };

async function measure(stage: Stage, { count, cached, withinMs }: Case): Promise<Cells> {
  const settings = {
    VF_POLICY_PROFILE: 'custom',
    VF_POLICY_CUSTOM_OFFSETS: '12h,20h',
    VF_MAX_CACHED_WORKFLOWS: String(cached),
  };
  const requests = stage.requests(count);
  const crew = await stage.start(['all'], settings);
  const trees = crew.services.map(({ tree }) => tree);
  const cells: (string | number)[] = [];
  try {
    const before = [memoryOf(trees), memoryOf(stage.engines.temporal)] as const;
    const startedMs = performance.now();
    await sendBurst(requests, { producer: stage.kafka.producer, topic: stage.topics.request, ledger: stage.ledger });
    // Each has done its first workflow task, and with it set its timer; the gate's workflow has tasks of its own.
    const asleep = async (): Promise<number> =>
      await metricOf(crew, 'temporal_workflow_task_execution_latency_seconds_count', {
        label: 'workflow_type="resolveVerification"',
      });
    await untilHolds(async () => (await asleep()) >= count, { crew, withinMs });
    const seconds = (performance.now() - startedMs) / 1_000;
    await sleep(SETTLES_WITHIN_MS);
    const inCache = await metricOf(crew, 'temporal_sticky_cache_size');
    cells.push(
      await asleep(),
      cached,
      inCache,
      before[0],
      memoryOf(trees),
      memoryOf(trees, 'VmHWM'),
      before[1],
      memoryOf(stage.engines.temporal),
      seconds,
    );
  } finally {
    await crew.stop();
  }
  return [...cells, ...(await callSome(stage, { requests, settings }))];
}

/** A new worker, which has none of them in its cache; a hint is what wakes one ahead of its time. */
async function callSome(
  stage: Stage,
  { requests, settings }: { requests: readonly { readonly outcomeKey: string }[]; settings: Readonly<Record<string, string>> },
): Promise<readonly number[]> {
  const crew = await stage.start(['all'], settings);
  try {
    const restartedMiB = memoryOf(crew.services.map(({ tree }) => tree));
    const keys = requests.slice(0, CALLED).map(({ outcomeKey }) => outcomeKey);
    const now = performance.now();
    for (const key of keys) stage.ledger.sent(key, now);
    const messages = keys.map((verificationId) => ({ value: JSON.stringify({ verificationId, kind: 'SESSION_ENDED' }) }));
    await stage.kafka.producer.send({ topic: stage.topics.hint, messages });
    const served = await untilHolds(() => stage.ledger.missing(keys).length === 0, { crew, withinMs: SERVED_WITHIN_MS });
    if (!served) throw new Error(`${stage.ledger.missing(keys).length} of ${keys.length} that were called have no outcome`);
    const latenciesMs = stage.ledger.latenciesMs(keys);
    return [restartedMiB, percentile(latenciesMs, 50) / 1_000, Math.max(...latenciesMs) / 1_000];
  } finally {
    await crew.stop();
  }
}
