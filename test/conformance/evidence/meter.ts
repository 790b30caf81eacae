import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryMiBOf } from '../../../bench/measure/proc-text.ts';
import type { ServiceProcess } from '../../support/process.ts';
import type { World } from './world.ts';

const EVERY_MS = 200;
const GAUGE = /^verdictflow_evidence_memory_bytes (\d+)/m;

export type Meter = {
  /** Most resident memory of each worker so far, the killed ones included. */
  peakMiB(): readonly number[];
  /** Most bytes of evidence that any worker has told of. */
  mostBytesOfEvidence(): number;
  /** What each process answered last at `/metrics`. */
  metrics(): string;
  stop(): Promise<void>;
};

/** Looks again and again at whatever process runs: a killed one tells nothing any more. */
export function startMeter({ processes }: Pick<World, 'processes'>): Meter {
  const peaks = new Map<ServiceProcess, number>();
  const answers = new Map<ServiceProcess, string>();
  let mostBytes = 0;
  let isOn = true;

  async function look(process: ServiceProcess, isWorker: boolean): Promise<void> {
    try {
      if (isWorker)
        peaks.set(process, memoryMiBOf(readFileSync(`/proc/${process.pid}/status`, 'utf8'), 'VmHWM') || (peaks.get(process) ?? 0));
      if (!process.isReady()) return;
      const text = await process.admin('/metrics');
      answers.set(process, text);
      mostBytes = Math.max(mostBytes, Number(GAUGE.exec(text)?.[1] ?? 0));
    } catch {
      // It was killed in this moment.
    }
  }

  const running = (async () => {
    while (isOn) {
      await Promise.all(processes.filter(({ process }) => !process.ended()).map(({ role, process }) => look(process, role === 'worker')));
      await sleep(EVERY_MS);
    }
  })();
  return {
    peakMiB: () => [...peaks.values()].map(Math.round),
    mostBytesOfEvidence: () => mostBytes,
    metrics: () => [...answers.values()].join('\n'),
    stop: async () => {
      isOn = false;
      await running;
    },
  };
}
