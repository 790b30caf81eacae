import { setTimeout as sleep } from 'node:timers/promises';
import { sendBurst } from '../traffic/requests.ts';
import { memoryOf, metricOf, samplesOf } from './crew.ts';
import { type Cells, type Experiment, numbersIn, type Stage } from './stage.ts';

// Everything is in the topic before the service starts, and all of it wants to be read at once. A case is
// <records>[:<seconds at most>].

const SAMPLE_EVERY_MS = 30_000;

export const BACKLOG: Experiment = {
  columns: ['seconds', 'served', 'tokens/s since', 'service MiB', 'Temporal MiB', 'workflow-task time-outs', 'cache misses'],
  cases: ['100000'],
  rowsOf(text) {
    const [count = 0, seconds = Number.MAX_SAFE_INTEGER] = numbersIn(text, { least: 1, most: 2 });
    return (stage) => measure(stage, { count, withinMs: seconds * 1_000 });
  },
};

async function* measure(stage: Stage, { count, withinMs }: { count: number; withinMs: number }): AsyncGenerator<Cells> {
  const requests = stage.requests(count);
  const keys = requests.map(({ outcomeKey }) => outcomeKey);
  await sendBurst(requests, { producer: stage.kafka.producer, topic: stage.topics.request, ledger: stage.ledger });
  const crew = await stage.start(['all']);
  const trees = crew.services.map(({ tree }) => tree);
  const startedMs = performance.now();
  let [served, atMs] = [0, startedMs];
  try {
    while (served < count && performance.now() - startedMs < withinMs) {
      await sleep(SAMPLE_EVERY_MS);
      for (const service of crew.services) service.assertAlive();
      const [now, nowMs] = [count - stage.ledger.missing(keys).length, performance.now()];
      const misses = await metricOf(crew, 'temporal_sticky_cache_miss_total');
      const timeouts = await samplesOf(
        stage.engines.metricsUrl,
        (line) => /^\w+_timeout\{/.test(line) && line.includes('WorkflowTaskTimeout'),
      );
      yield [
        Math.round((nowMs - startedMs) / 1_000),
        now,
        ((now - served) * 1_000) / (nowMs - atMs),
        memoryOf(trees),
        memoryOf(stage.engines.temporal),
        timeouts,
        misses,
      ];
      [served, atMs] = [now, nowMs];
    }
  } finally {
    await crew.stop();
  }
}
