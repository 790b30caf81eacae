import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/create.ts';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { createFaceIdClient } from '../../src/faceid/client.ts';
import { sleep } from '../../src/async/sleep.ts';
import { classify } from '../../src/ingress/classify.ts';
import type { InboundRecord, StartOrder } from '../../src/ingress/ports.ts';
import { orderOf } from '../../src/ingress/record.ts';
import { freePorts } from '../../src/localstack/free-port.ts';
import { makeRunDir, removeRunDir } from '../../src/localstack/run-dir.ts';
import { startTemporalServer } from '../../src/localstack/temporal-server.ts';
import { writeWorkflowBundle } from '../../src/temporal/bundle.ts';
import { connectTemporal } from '../../src/temporal/connect.ts';
import { createGrants } from '../../src/temporal/grants.ts';
import { createHistoryLedger } from '../../src/temporal/history/ledger.ts';
import { createHistorySource } from '../../src/temporal/history/source.ts';
import { ensureNamespace } from '../../src/temporal/namespace.ts';
import { createReplayRuns } from '../../src/temporal/replays.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { createStarter } from '../../src/temporal/start.ts';
import { createTokenSeal } from '../../src/temporal/token-seal.ts';
import { createVerificationWorker } from '../../src/temporal/worker.ts';
import type { NaiveActivities } from '../naive/activities.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
const NAIVE_WORKFLOWS = fileURLToPath(new URL('../naive/workflows.ts', import.meta.url));
const CREDENTIALS = { apiKey: 'key-of-the-bench', apiSecret: 'secret-of-the-bench' };
const NAMESPACE = 'cost';
const TASK_QUEUE = 'cost';
const NAIVE_QUEUE = 'naive';
const DAY_MS = 86_400_000;
const SEAL = createTokenSeal([{ id: 'bench', key: Buffer.alloc(32, 7) }]);
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The plainest port's workflow, ready for a worker or for a re-execution. */
export async function bundleNaive(): Promise<{ readonly code: string }> {
  return await bundleWorkflowCode({ workflowsPath: NAIVE_WORKFLOWS, logger: new DefaultLogger('ERROR') });
}

export type CostRig = Awaited<ReturnType<typeof openCostRig>>;

/** A server that nobody else uses, the product's worker and activities, the emulator, and the plainest port beside them. */
export async function openCostRig() {
  await installRuntime({ logger: SILENT, level: 'ERROR' });
  const runDir = await makeRunDir(LOCAL_DIR);
  const bundles = { ours: { codePath: join(runDir, 'workflow-bundle.js') }, naive: await bundleNaive() };
  await writeWorkflowBundle(bundles.ours.codePath);
  const [metricsPort = 0] = await freePorts(1);
  const server = await startTemporalServer({
    provisionDir: LOCAL_DIR,
    runDir,
    ui: false,
    dynamicConfig: {},
    metricsPort,
    log: () => undefined,
  });
  const emulator = await startEmulator({ port: 0, maxCalls: 3, windowMs: DAY_MS, countMode: 'all', windowStart: 'issue', ...CREDENTIALS });
  const vendor = createFaceIdClient({ baseUrl: emulator.baseUrl, timeoutMs: 10_000, ...CREDENTIALS });
  const { connection, client, ...link } = await connectTemporal({
    native: true,
    logger: SILENT,
    startupTimeoutMs: 30_000,
    requireNamespace: false,
    overrides: { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: NAMESPACE },
  });
  await ensureNamespace(connection, { namespace: NAMESPACE, retentionMs: 30 * DAY_MS });
  await ensureSearchAttributes(connection, NAMESPACE);
  const activities = createActivities({
    resultApi: vendor,
    tokenOpener: SEAL,
    outcomeSink: { publish: async () => ({ topic: 'faceid.verification.outcome.v1', partition: 5, offset: '1234567' }) },
    ledger: createHistoryLedger({ source: createHistorySource({ client }), logger: SILENT }),
    grants: createGrants({ client, taskQueue: TASK_QUEUE }),
  });
  const common = { connection, namespace: NAMESPACE };
  const workers = [
    await createVerificationWorker({
      ...common,
      taskQueue: TASK_QUEUE,
      activities,
      bundlePath: bundles.ours.codePath,
      emissionsAtOnce: 40,
      shutdownGraceMs: 12_000,
    }),
    await Worker.create({
      ...common,
      taskQueue: NAIVE_QUEUE,
      workflowBundle: bundles.naive,
      activities: { getResult: async () => 'PASSED', emitOutcome: async () => undefined } satisfies NaiveActivities,
    }),
  ];
  const running = workers.map((worker) => worker.run());
  const starter = createStarter({ client, taskQueue: TASK_QUEUE, requestEagerStart: true });
  const inputs = new Map<string, VerificationInput>();

  return {
    client,
    metricsPort,
    namespace: NAMESPACE,
    /** Of the workflows that run here, for re-executing what they leave. */
    bundles,
    replays: createReplayRuns({ client, taskQueue: TASK_QUEUE }),
    /** Starts a verification as ingress does and returns its workflow id. */
    async admit({ scenario, policy }: { readonly scenario: string; readonly policy: Policy }): Promise<{ workflowId: string }> {
      const nowMs = Date.now();
      const token = mintToken({ scenario, issuedAtMs: nowMs });
      const order = ordered(token, { nowMs, policy });
      inputs.set(order.workflowId, order.input);
      await starter.start(order);
      return { workflowId: order.workflowId };
    },
    inputOf(workflowId: string): VerificationInput {
      const input = inputs.get(workflowId);
      if (input === undefined) throw new Error(`${workflowId} was not admitted here`);
      return input;
    },
    async startNaive(): Promise<string> {
      const token = mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() });
      const workflowId = `naive-${token}`;
      await client.workflow.start('verify', { taskQueue: NAIVE_QUEUE, workflowId, args: [token] });
      return workflowId;
    },
    async close(): Promise<void> {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await Promise.all([vendor.close(), emulator.close()]);
      await link.close();
      await server.handle.stop();
      await removeRunDir(runDir);
    },
  };
}

/** The order that ingress makes of a request. */
function ordered(token: string, { nowMs, policy }: { readonly nowMs: number; readonly policy: Policy }): StartOrder {
  const value = Buffer.from(JSON.stringify({ token, issuedAt: new Date(nowMs).toISOString(), attributes: { tenant: 'acme' } }));
  const record: InboundRecord = {
    topic: 'faceid.verification.requested.v1',
    partition: 3,
    offset: 1_234_567n,
    timestampMs: nowMs,
    key: null,
    value,
    headers: new Map(
      Object.entries({ ce_specversion: '1.0', ce_id: '3b241101-e2bb-4255-8caf-4136c566a962' }).map(([name, text]) => [
        name,
        [Buffer.from(text)],
      ]),
    ),
  };
  const settings = {
    hintTopic: 'none',
    trustHints: false,
    retentionMs: 30 * DAY_MS,
    groupId: 'cost',
    vendorRegion: 'sgp',
    policyFor: () => policy,
  };
  const facts = classify(record, { ...settings, nowMs });
  if (facts.kind !== 'START') throw new Error(`ingress takes the request for ${facts.kind}`);
  return orderOf(record, { facts, settings, sealer: SEAL, clock: { now: () => nowMs, sleep } });
}
