/** Everything a run measures. `higher`/`lower` says which direction is better. */
export const METRICS = {
  tokensPerSecond: { label: 'rate, tokens/s', better: 'higher', decimals: 1 },
  latencyP50Ms: { label: 'latency p50, ms', better: 'lower', decimals: 0 },
  latencyP95Ms: { label: 'latency p95, ms', better: 'lower', decimals: 0 },
  latencyP99Ms: { label: 'latency p99, ms', better: 'lower', decimals: 0 },
  serviceCpuMsPerToken: { label: 'service CPU, ms/token', better: 'lower', decimals: 2 },
  temporalCpuMsPerToken: { label: 'Temporal CPU, ms/token', better: 'lower', decimals: 2 },
  kafkaCpuMsPerToken: { label: 'Kafka CPU, ms/token', better: 'lower', decimals: 2 },
  servicePeakMiB: { label: 'service peak RSS, MiB', better: 'lower', decimals: 0 },
  serviceRssMiB: { label: 'service RSS after, MiB', better: 'lower', decimals: 0 },
  serviceCpuPercent: { label: 'service CPU, % of a core', better: 'lower', decimals: 2 },
  temporalCpuPercent: { label: 'Temporal CPU, % of a core', better: 'lower', decimals: 2 },
  kafkaCpuPercent: { label: 'Kafka CPU, % of a core', better: 'lower', decimals: 2 },
} as const satisfies Record<string, { label: string; better: 'higher' | 'lower'; decimals: number }>;

export type Metric = keyof typeof METRICS;

/** One measured run of one workload; metrics that do not apply to the workload are absent. */
export type Measurements = Partial<Record<Metric, number>>;

/** True if the text names a metric. */
export function isMetric(name: string): name is Metric {
  return name in METRICS;
}

/** The metrics present in any of the runs, in the order of the table above. */
export function metricsOf(runs: readonly Measurements[]): Metric[] {
  return Object.keys(METRICS)
    .filter(isMetric)
    .filter((metric) => runs.some((run) => run[metric] !== undefined));
}
