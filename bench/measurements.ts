import type { Usage } from './measure/meters.ts';
import type { Measurements } from './report/metrics.ts';
import { percentile } from './report/statistics.ts';

/** Turns what a workload with tokens used into the figures of the report. */
export function tokenMeasurements(usage: Usage, { latenciesMs, spanMs }: { latenciesMs: readonly number[]; spanMs: number }): Measurements {
  const tokens = latenciesMs.length;
  return {
    tokensPerSecond: (tokens * 1_000) / spanMs,
    latencyP50Ms: percentile(latenciesMs, 50),
    latencyP95Ms: percentile(latenciesMs, 95),
    latencyP99Ms: percentile(latenciesMs, 99),
    serviceCpuMsPerToken: usage.serviceCpuMs / tokens,
    temporalCpuMsPerToken: usage.temporalCpuMs / tokens,
    kafkaCpuMsPerToken: usage.kafkaCpuMs / tokens,
    servicePeakMiB: usage.servicePeakMiB,
    serviceRssMiB: usage.serviceRssMiB,
  };
}

/** Turns what an idle stretch used into percent of one core. */
export function idleMeasurements(usage: Usage): Measurements {
  const percent = (cpuMs: number): number => (100 * cpuMs) / usage.elapsedMs;
  return {
    serviceCpuPercent: percent(usage.serviceCpuMs),
    temporalCpuPercent: percent(usage.temporalCpuMs),
    kafkaCpuPercent: percent(usage.kafkaCpuMs),
    serviceRssMiB: usage.serviceRssMiB,
  };
}
