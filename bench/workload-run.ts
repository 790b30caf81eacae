import { setTimeout as sleep } from 'node:timers/promises';
import { mintToken } from '../src/emulator/mint-token.ts';
import { BenchCheckError } from './checks.ts';
import { type Metered, startMeters, type Usage } from './measure/meters.ts';
import type { RunningService } from './measure/service.ts';
import { idleMeasurements, tokenMeasurements } from './measurements.ts';
import type { Measurements } from './report/metrics.ts';
import type { System } from './systems/system.ts';
import { type Request, sendBurst, sendOpenLoop, type Traffic } from './traffic/requests.ts';
import type { Workload } from './workload.ts';

const WARM_UP = { tokens: 100, ratePerSecond: 20 };
/** What a system does after its last outcome arrived (closing workflows, committing) is on its bill too. */
const SETTLE_MS = 2_000;
/** No outcome at all for this long while some are missing: they are lost. */
const STALL_MS = 60_000;

export type WorkloadResult = { readonly title: string; readonly measurements: Measurements; readonly usage: Usage };

/** One running system with its traffic and meters; `sent` collects the outcome keys of the whole run. */
export type Scene = {
  readonly system: System;
  readonly service: RunningService;
  readonly traffic: Traffic;
  readonly metered: Metered;
  readonly sent: string[];
  exitCode?: number | null;
  readonly log: (line: string) => void;
};

/** Compiles hot code, fills caches and connection pools; not measured. */
export async function runWarmUp(scene: Scene): Promise<void> {
  const requests = mintRequests(scene, WARM_UP.tokens);
  await sendOpenLoop(requests, { traffic: scene.traffic, ratePerSecond: WARM_UP.ratePerSecond });
  await awaitOutcomes(scene, requests);
  await sleep(SETTLE_MS);
}

/** Runs one workload to its last outcome and returns its figures. Throws a BenchCheckError if outcomes stay away. */
export async function runWorkload(workload: Workload, scene: Scene): Promise<WorkloadResult> {
  const { title } = workload;
  scene.log(`${scene.system.name}: ${workload.title}`);
  const readMeters = startMeters(scene.metered);
  if (workload.kind === 'IDLE') {
    await sleep(workload.durationMs);
    scene.service.assertAlive();
    const usage = readMeters();
    return { title, usage, measurements: idleMeasurements(usage) };
  }
  const requests = mintRequests(scene, workload.tokens);
  if (workload.kind === 'BURST') await sendBurst(requests, scene.traffic);
  else await sendOpenLoop(requests, { traffic: scene.traffic, ratePerSecond: workload.ratePerSecond });
  await awaitOutcomes(scene, requests);
  await sleep(SETTLE_MS);
  const usage = readMeters();
  const keys = requests.map(({ outcomeKey }) => outcomeKey);
  const { ledger } = scene.traffic;
  const measurements = tokenMeasurements(usage, { latenciesMs: ledger.latenciesMs(keys), spanMs: ledger.spanMs(keys) });
  return { title, usage, measurements };
}

function mintRequests(scene: Scene, count: number): Request[] {
  const requests = Array.from({ length: count }, () => scene.system.request(mintToken({ scenario: 'ready-pass' })));
  scene.sent.push(...requests.map(({ outcomeKey }) => outcomeKey));
  return requests;
}

async function awaitOutcomes(scene: Scene, requests: readonly Request[]): Promise<void> {
  const keys = requests.map(({ outcomeKey }) => outcomeKey);
  let missing = scene.traffic.ledger.missing(keys).length;
  let progressAtMs = performance.now();
  while (missing > 0) {
    scene.service.assertAlive();
    await sleep(50);
    const now = scene.traffic.ledger.missing(keys).length;
    if (now < missing) progressAtMs = performance.now();
    missing = now;
    if (performance.now() - progressAtMs > STALL_MS) {
      throw new BenchCheckError(
        `${scene.system.name}: ${missing} of ${keys.length} outcomes are missing and none came for ${STALL_MS / 1_000} s`,
      );
    }
  }
}
