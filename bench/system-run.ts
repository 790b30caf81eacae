import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BenchCheckError, problemsOf } from './checks.ts';
import { type RunningService, startService } from './measure/service.ts';
import type { RunTopics, System } from './systems/system.ts';
import { type BenchKafka, connectKafka } from './traffic/kafka.ts';
import { createLedger } from './traffic/ledger.ts';
import { startVendor, type Vendor } from './vendor/start.ts';
import { runWarmUp, runWorkload, type Scene, type WorkloadResult } from './workload-run.ts';
import type { Workload } from './workload.ts';

/** What the vendor allows per token. */
const MAX_READS = 3;

export type Servers = {
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly kafkaPid: number;
  readonly temporalPid: number;
};

export type SystemRunOptions = {
  readonly system: System;
  readonly workloads: readonly Workload[];
  readonly servers: Servers;
  readonly logDir: string;
  readonly profileDir?: string;
  readonly log: (line: string) => void;
};

type Place = { readonly runId: string; readonly topics: RunTopics; readonly vendor: Vendor; readonly kafka: BenchKafka };

/**
 * One system through all workloads: fresh topics, its own task queue, a vendor of its own, a new process, a warm-up.
 * Throws a BenchCheckError if a record was lost, a token read a fourth time, or the process did not end cleanly.
 */
export async function runSystem(options: SystemRunOptions): Promise<WorkloadResult[]> {
  const runId = `bench-${options.system.name}-${randomBytes(4).toString('hex')}`;
  const topics: RunTopics = { request: `${runId}.request`, hint: `${runId}.hint`, outcome: `${runId}.outcome`, deadLetter: `${runId}.dlq` };
  const kafka = await connectKafka(options.servers.kafkaBrokers);
  try {
    await kafka.createTopics(topics);
    const vendor = await startVendor({ runId, logDir: options.logDir });
    try {
      return await runAgainst(options, { runId, topics, vendor, kafka });
    } finally {
      await vendor.stop();
      await kafka.deleteTopics(topics);
    }
  } finally {
    await kafka.close();
  }
}

async function runAgainst(options: SystemRunOptions, place: Place): Promise<WorkloadResult[]> {
  const ledger = createLedger();
  const watcher = await place.kafka.watch({ topic: place.topics.outcome, group: `${place.runId}-watch`, ledger });
  const service = await startSystem(options, place);
  const { servers, system, log } = options;
  const traffic = { producer: place.kafka.producer, topic: place.topics.request, ledger };
  const metered = { service: service.tree, temporal: { root: servers.temporalPid }, kafka: { root: servers.kafkaPid } };
  const scene: Scene = { system, service, traffic, metered, log, sent: [] };
  const results: WorkloadResult[] = [];
  try {
    await runWarmUp(scene);
    for (const workload of options.workloads) results.push(await runWorkload(workload, scene));
  } finally {
    scene.exitCode = await service.stop();
    await watcher.stop();
  }
  judge(scene, place);
  return results;
}

function startSystem({ system, servers, logDir, profileDir }: SystemRunOptions, { runId, topics, vendor }: Place): Promise<RunningService> {
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profileDir, runId)}`];
  return startService({
    name: system.name,
    args: [...profiling, ...system.args],
    environment: system.environment({ runId, topics, vendorBaseUrl: vendor.baseUrl, ...servers }),
    logPath: join(logDir, `${runId}.log`),
  });
}

function judge(scene: Scene, { runId, vendor }: Place): void {
  const { ledger } = scene.traffic;
  const evidence = {
    tokens: scene.sent.length,
    missing: ledger.missing(scene.sent).length,
    ...ledger.surplus(),
    reads: vendor.readsPerToken(),
    exitCode: scene.exitCode ?? null,
  };
  const problems = problemsOf(evidence, MAX_READS);
  if (problems.length > 0) throw new BenchCheckError(`${runId}: ${problems.join('; ')}`);
}
