import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures were taken on, and how busy it was before. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Load average of the last minute before the bench; well above 0.5 means that the figures are noise. */
  readonly loadBefore: number;
};

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
}

/** One line for people. */
export function machineLine(machine: Machine): string {
  const { cores, cpu, memoryGiB, system, node, loadBefore } = machine;
  return `${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}, Node ${node}, load before: ${loadBefore.toFixed(2)}`;
}
