import { cpuMs, memoryMiB, type ProcessTree, resetPeak, threadCpuMs } from './processes.ts';

/** Who is on the bill. */
export type Metered = { readonly service: ProcessTree; readonly temporal: ProcessTree; readonly kafka: ProcessTree };

export type Usage = {
  readonly elapsedMs: number;
  readonly serviceCpuMs: number;
  /** Of its threads that still run, the busiest first. */
  readonly serviceThreads: readonly { readonly name: string; readonly cpuMs: number }[];
  readonly temporalCpuMs: number;
  readonly kafkaCpuMs: number;
  readonly servicePeakMiB: number;
  readonly serviceRssMiB: number;
};

/** Starts metering now; the returned function reads what was used since. */
export function startMeters(metered: Metered): () => Usage {
  resetPeak(metered.service);
  const startedMs = performance.now();
  const service = meterCpu(metered.service);
  const threads = meterThreads(metered.service);
  const temporal = meterCpu(metered.temporal);
  const kafka = meterCpu(metered.kafka);
  return () => ({
    elapsedMs: performance.now() - startedMs,
    serviceCpuMs: service(),
    serviceThreads: threads(),
    temporalCpuMs: temporal(),
    kafkaCpuMs: kafka(),
    servicePeakMiB: memoryMiB(metered.service, 'VmHWM'),
    serviceRssMiB: memoryMiB(metered.service, 'VmRSS'),
  });
}

function meterCpu(tree: ProcessTree): () => number {
  const before = cpuMs(tree);
  return () => cpuMs(tree) - before;
}

function meterThreads(tree: ProcessTree): () => Usage['serviceThreads'] {
  const before = threadCpuMs(tree);
  return () =>
    [...threadCpuMs(tree)]
      .map(([id, { name, ms }]) => ({ name, cpuMs: ms - (before.get(id)?.ms ?? 0) }))
      .toSorted((one, other) => other.cpuMs - one.cpuMs);
}
