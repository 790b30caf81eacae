import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { type History, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type {
  EmissionReceipt,
  EmitOutcomeOrder,
  Emitted,
  GetResultOrder,
  Postponed,
  VerificationInput,
  VerificationResult,
} from '../../src/contracts/workflow.ts';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import { readsQueueOf, workflowIdOf } from '../../src/domain/ids.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { createStarter } from '../../src/temporal/start.ts';
import type { resolveVerification } from '../../workflows/index.ts';
import { assertDocumented } from './documented-outcome.ts';
import { eventTypes } from './history.ts';
import { until } from './until.ts';
import { inputAt, type InputOverrides } from './verification-input.ts';
import type { VirtualServer } from './workflow-env.ts';

export type VerificationHandle = WorkflowHandle<typeof resolveVerification>;

/** What a scenario's own code can do while the workflow runs. */
export type Stage = {
  readonly handle: VerificationHandle;
  readonly server: VirtualServer;
  /** Orders of `getResult` so far. */
  readonly orders: readonly GetResultOrder[];
  /** Starts the activities' worker of a scenario that began without one. */
  startActivities(): Promise<void>;
  /** Starts a worker of the queue where reads wait for the gate. */
  startReads(): Promise<void>;
  /** Resolves once history holds an event of this type, in real time. */
  untilEvent(type: string): Promise<unknown>;
};

/** A run that is not the home run may be told of reads instead. */
type ReadAnswer = ReadReport | RecoveredReads;

export type Scenario = {
  readonly input?: InputOverrides;
  /** The vendor's answers in order (the last one repeats), or a function of the order and its 1-based number. */
  readonly reads: readonly ReadAnswer[] | ((order: GetResultOrder, number: number, stage: Stage) => ReadAnswer | Promise<ReadAnswer>);
  /** The ordinary emission. Whoever scripts it gets every emission there, unless `emitAtOnce` says otherwise. */
  readonly emit?: (order: EmitOutcomeOrder, number: number, stage: Stage) => Promise<Emitted | RecoveredReads>;
  /** The emission from the workflow task that decides; `number`: how often that task has begun it. */
  readonly emitAtOnce?: (order: EmitOutcomeOrder, number: number, stage: Stage) => Promise<EmissionReceipt | Postponed>;
  /** Runs beside the workflow, the virtual clock standing still unless it advances it. */
  readonly during?: (stage: Stage) => Promise<void>;
  readonly withoutActivities?: boolean;
  /** A start by hand carries no stamp. */
  readonly byHand?: boolean;
  /** What payloads go through; default: nothing. `starts`: those of the start alone. */
  readonly codec?: { readonly workers: PayloadCodec; readonly starts?: PayloadCodec };
};

export type ScenarioRun = {
  readonly input: VerificationInput;
  readonly startedAtMs: number;
  readonly result: VerificationResult;
  readonly history: History;
  readonly json: string;
  readonly orders: readonly GetResultOrder[];
  /** What was sent, or left to the ordinary emission to send. */
  readonly emissions: readonly EmitOutcomeOrder[];
  /** Every emission that a workflow task began. */
  readonly atOnce: readonly EmitOutcomeOrder[];
  readonly handle: VerificationHandle;
};

const RECEIPT: EmissionReceipt = { topic: 'outcomes', partition: 0, offset: '42' };

/**
 * Runs the real bundle against scripted activities on the time-skipping server, and re-executes the history it left: every
 * scenario of every test is a determinism test as well, and every outcome it emits has to fit the published schema.
 */
export async function runScenario(server: VirtualServer, scenario: Scenario): Promise<ScenarioRun> {
  const startedAtMs = await server.nowMs();
  const input = inputAt(startedAtMs, scenario.input);
  const taskQueue = `rig-${randomUUID()}`;
  const orders: GetResultOrder[] = [];
  const emissions: EmitOutcomeOrder[] = [];
  const atOnce: EmitOutcomeOrder[] = [];
  const workers: Promise<void>[] = [];
  const stopping: Worker[] = [];

  const ofWorkers = scenario.codec === undefined ? {} : { dataConverter: { payloadCodecs: [scenario.codec.workers] } };
  const client = scenario.codec === undefined ? server.client : clientWith(server, scenario.codec.workers);
  const starting = scenario.codec?.starts === undefined ? client : clientWith(server, scenario.codec.starts);

  const run = async (options: { activities: boolean; workflows: boolean; queue?: string }): Promise<void> => {
    // In debug mode the workflow runs in this thread, as in a replay: a thread for each scenario takes ten times as much CPU.
    const worker = await Worker.create({
      connection: server.native,
      taskQueue: options.queue ?? taskQueue,
      identity: 'rig',
      ...ofWorkers,
      ...(options.workflows ? { workflowBundle: { codePath: inject('workflowBundlePath') }, debugMode: true } : {}),
      ...(options.activities ? { activities: scripted } : {}),
    });
    stopping.push(worker);
    workers.push(worker.run());
  };
  const handle: VerificationHandle = client.workflow.getHandle(workflowIdOf(input.verificationId));
  const stage: Stage = {
    handle,
    server,
    orders,
    startReads: () => run({ activities: true, workflows: false, queue: readsQueueOf(taskQueue) }),
    startActivities: () => run({ activities: true, workflows: false }),
    untilEvent: (type) =>
      until(async () => eventTypes(await handle.fetchHistory()).includes(type), { timeoutMs: 30_000, what: `event ${type}` }),
  };
  const scripted = {
    async getResult(order: GetResultOrder): Promise<ReadAnswer> {
      orders.push(order);
      return answer(scenario, { order, number: orders.length, stage });
    },
    async emitOutcome(order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads | Postponed> {
      if (activityInfo().isLocal) {
        atOnce.push(order);
        const local = scenario.emitAtOnce ?? (scenario.emit === undefined ? undefined : postpone);
        if (local !== undefined) return await local(order, atOnce.length, stage);
      }
      emissions.push(order);
      return scenario.emit === undefined ? RECEIPT : scenario.emit(order, emissions.length, stage);
    },
  };

  await run({ activities: scenario.withoutActivities !== true, workflows: true });
  try {
    await start({ server, client: starting }, { input, taskQueue, byHand: scenario.byHand === true });
    await scenario.during?.(stage);
    const result = await server.skipping(handle.result());
    const history = await handle.fetchHistory();
    for (const event of [...emissions.map((order) => order.event), result.outcome]) assertDocumented(event);
    await Worker.runReplayHistory({ ...ofWorkers, workflowBundle: { codePath: inject('workflowBundlePath') } }, history, handle.workflowId);
    return { input, startedAtMs, result, history, json: historyToJSON(history), orders, emissions, atOnce, handle };
  } catch (error) {
    // An unfinished workflow would keep the virtual clock from skipping in later scenarios.
    await handle.terminate('scenario failed').catch(() => undefined);
    throw error;
  } finally {
    for (const worker of stopping) worker.shutdown();
    await Promise.all(workers);
  }
}

async function postpone(): Promise<Postponed> {
  return { kind: 'POSTPONED', why: 'KAFKA_SLOW' };
}

async function answer(scenario: Scenario, call: { order: GetResultOrder; number: number; stage: Stage }): Promise<ReadAnswer> {
  if (typeof scenario.reads === 'function') return scenario.reads(call.order, call.number, call.stage);
  const report = scenario.reads[Math.min(call.number, scenario.reads.length) - 1];
  if (report === undefined) throw new Error('the scenario scripts no read');
  return report;
}

function clientWith(server: VirtualServer, codec: PayloadCodec): Client {
  return new Client({ connection: server.client.connection, identity: 'rig', dataConverter: { payloadCodecs: [codec] } });
}

async function start(
  { server, client }: { readonly server: VirtualServer; readonly client: Client },
  order: { input: VerificationInput; taskQueue: string; byHand: boolean },
): Promise<void> {
  const { input, taskQueue, byHand } = order;
  const workflowId = workflowIdOf(input.verificationId);
  if (byHand) {
    await client.workflow.start('resolveVerification', { workflowId, taskQueue, args: [input] });
    return;
  }
  const now = await server.nowMs();
  const starter = createStarter({ client, taskQueue, now: () => now });
  await starter.start({
    workflowId,
    input,
    origin: { origin: 'ingress', ...input.source, admittedAt: input.admittedAt },
  });
}
