import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Gauges named like counters, which Prometheus's own rules forbid (labelled ones tell the same), and what a timer a second cannot measure. */
const LEFT_OUT = /^nodejs_(active_\w+_total|eventloop_lag_\w+_seconds)$/;

/**
 * Node's own metrics and those of the process: CPU, memory, event loop, garbage collection. Percentiles of the event loop's lag
 * would take a timer of 10 ms, which costs an idle process as much as all the rest of it; its utilization tells the same for nothing.
 */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1_000 });
  for (const { name } of registry.getMetricsAsArray()) if (LEFT_OUT.test(name)) registry.removeSingleMetric(name);
  let before = performance.eventLoopUtilization();
  const utilization = new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Part of the time since the last scrape in which the event loop had something to do.',
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
  registry.registerMetric(utilization);
}
