import type { PayloadCodec } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { GateActivities } from '../contracts/gate.ts';
import type { VerificationActivities } from '../contracts/workflow.ts';
import { defined } from '../domain/defined.ts';
import { readsQueueOf } from '../domain/ids.ts';
import { bundleWorkflows } from './bundle.ts';
import { dataConverterOf } from './connect.ts';
import { watchSandboxes } from './sandbox-thread.ts';

const FORCE_MARGIN_MS = 15_000;
/** Places that emissions can never take from reads. While nothing is emitted, reads may use all places. */
const READS_AT_LEAST = 100;
/** A workflow task that publishes holds its place until Kafka has answered; these many are left to all others. */
const TASKS_AT_LEAST = 40;
/** More than the emissions that may be under way: those too many are postponed at once instead of waiting for a place. */
const LOCAL_ACTIVITIES = 100;

type WorkerSettings = {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** As in `connectTemporal`. */
  readonly codec?: PayloadCodec;
  readonly activities: VerificationActivities & Partial<GateActivities>;
  /** Made by `writeWorkflowBundle`; absent: the sources are bundled now, which takes about 2 s. */
  readonly bundlePath?: string;
  /** Must exceed the vendor's deadline, or a deploy could cut off a paid read: without it Temporal grants no grace at all. */
  readonly shutdownGraceMs: number;
  /** Default: the SDK's, which depends on the limit of the heap. */
  readonly maxCachedWorkflows?: number;
  /** Emissions that may be under way at once; whoever gives the activities holds them to it. */
  readonly emissionsAtOnce: number;
  /** What its heartbeats say of this process, besides what the SDK says. */
  readonly mark?: string;
};

/**
 * A worker of the verification workflow and its activities. It polls only once `run()` is called; `shutdown()` lets
 * running reads end within the grace.
 */
export async function createVerificationWorker(settings: WorkerSettings): Promise<Worker> {
  const { bundlePath, shutdownGraceMs } = settings;
  watchSandboxes();
  return await Worker.create({
    connection: settings.connection,
    namespace: settings.namespace,
    taskQueue: settings.taskQueue,
    ...dataConverterOf(settings),
    activities: settings.activities,
    workflowBundle: bundlePath === undefined ? await bundleWorkflows() : { codePath: bundlePath },
    // Fixed slots: activities wait for the network, so memory- and CPU-driven tuning would only add noise.
    maxConcurrentActivityTaskExecutions: READS_AT_LEAST + settings.emissionsAtOnce,
    maxConcurrentWorkflowTaskExecutions: TASKS_AT_LEAST + LOCAL_ACTIVITIES,
    maxConcurrentLocalActivityExecutions: LOCAL_ACTIVITIES,
    ...defined({ maxCachedWorkflows: settings.maxCachedWorkflows }),
    // The name of a plugin is told in heartbeats alone; an identity would be repeated in every history.
    ...(settings.mark === undefined ? {} : { plugins: [{ name: settings.mark }] }),
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + FORCE_MARGIN_MS,
  });
}

/** At least one for each partition of the queue, four by default, or some would wait for others. */
const READS_POLLS = 5;

/** A worker of the reads that wait for the gate, or for their turn: beside the other one, on the queue that the server holds back. */
export async function createReadsWorker(
  settings: Pick<WorkerSettings, 'connection' | 'namespace' | 'taskQueue' | 'codec' | 'shutdownGraceMs'> & {
    readonly activities: Pick<VerificationActivities, 'getResult'>;
  },
): Promise<Worker> {
  const { connection, namespace, taskQueue, activities, shutdownGraceMs } = settings;
  return await Worker.create({
    connection,
    namespace,
    taskQueue: readsQueueOf(taskQueue),
    ...dataConverterOf(settings),
    activities: { getResult: activities.getResult },
    maxConcurrentActivityTaskExecutions: READS_AT_LEAST,
    maxConcurrentActivityTaskPolls: READS_POLLS,
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + FORCE_MARGIN_MS,
  });
}
