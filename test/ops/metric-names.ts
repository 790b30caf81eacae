import { metricRows } from '../../src/observability/metrics.ts';

/**
 * Of Temporal Core and of Node what rules and panels use; the test over a real Prometheus sees that they are told.
 */
const OTHERS = [
  'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
  'temporal_sticky_cache_size',
  'temporal_sticky_cache_miss_total',
  'temporal_worker_task_slots_used',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'nodejs_eventloop_utilization_ratio',
];

/** Every name of a series that may be asked for. */
export function knownMetrics(): ReadonlySet<string> {
  const ours = metricRows().flatMap(({ name, kind }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set([...ours, ...OTHERS]);
}

/** Names of series in a query. */
export function metricsIn(query: string): readonly string[] {
  return query.replaceAll(/"[^"]*"/g, '""').match(/\b(?:verdictflow|temporal|process|nodejs)_\w+/g) ?? [];
}
