import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { defineMetrics } from '../../src/observability/metrics.ts';
import { collectProcessMetrics } from '../../src/observability/process-metrics.ts';
import { problemsOf } from './exposition.ts';

it('all that this process tells by itself, Prometheus has nothing against', async () => {
  const registry = new Registry();
  const metrics = defineMetrics(registry);
  metrics.records.inc({ disposition: 'STARTED' });
  metrics.readDuration.observe({ kind: 'ANSWER' }, 1);
  collectProcessMetrics(registry);
  const text = await registry.metrics();
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
    'nodejs_gc_duration_seconds',
  ])
    expect(text).toContain(`# TYPE ${name} `);
  expect(text).toMatch(/^nodejs_eventloop_utilization_ratio (0|1|0\.\d+)$/m);
  expect(problemsOf(text)).toEqual([]);
});

const gauge = '# HELP a_bytes Some.\n# TYPE a_bytes gauge\na_bytes 1\n';

it.each([
  ['without help', '# TYPE a gauge\na 1\n', 'a has no help'],
  ['that counts without _total', gauge.replace('gauge', 'counter'), 'a_bytes is a counter without _total'],
  ['that counts nothing, but ends in _total', gauge.replaceAll('a_bytes', 'a_total'), 'a_total is no counter, but has _total'],
  ['in milliseconds', gauge.replaceAll('a_bytes', 'a_ms'), 'a_ms is not in base units'],
  ['with its kind in its name', gauge.replaceAll('a_bytes', 'a_gauge'), 'a_gauge has its kind in its name'],
  ['in capitals', gauge.replaceAll('a_bytes', 'aB_bytes'), 'aB_bytes has another name than lower case and underscores'],
  ['that is there twice', `${gauge}${gauge}`, 'a_bytes is there twice'],
  ['without a type', `${gauge}b_bytes 1\n`, 'b_bytes has no type'],
  ['of no number', gauge.replace(' 1\n', ' one\n'), 'is no sample: a_bytes one'],
  ['with an open quote', gauge.replace('a_bytes 1', 'a_bytes{b="c} 1'), 'is no sample: a_bytes{b="c} 1'],
  ['without an end', gauge.trimEnd(), 'the last line has no end'],
])('our own check finds a metric %s', (_what, text, problem) => {
  expect(problemsOf(gauge)).toEqual([]);
  expect(problemsOf(text)).toContain(problem);
});
