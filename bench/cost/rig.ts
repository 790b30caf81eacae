import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/create.ts';
import type { OriginMemo, VerificationInput } from '../../src/contracts/workflow.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { createFaceIdClient } from '../../src/faceid/client.ts';
import { freePorts } from '../../src/localstack/free-port.ts';
import { makeRunDir, removeRunDir } from '../../src/localstack/run-dir.ts';
import { startTemporalServer } from '../../src/localstack/temporal-server.ts';
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

export type CostRig = Awaited<ReturnType<typeof openCostRig>>;

/** A server that nobody else uses, the product's worker and activities, the emulator, and the plainest port beside them. */
export async function openCostRig() {
  await installRuntime({ logger: SILENT, level: 'ERROR' });
  const runDir = await makeRunDir(LOCAL_DIR);
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
    await createVerificationWorker({ ...common, taskQueue: TASK_QUEUE, activities, emissionsAtOnce: 40, shutdownGraceMs: 12_000 }),
    await Worker.create({
      ...common,
      taskQueue: NAIVE_QUEUE,
      workflowBundle: await bundleWorkflowCode({ workflowsPath: NAIVE_WORKFLOWS, logger: new DefaultLogger('ERROR') }),
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
    replays: createReplayRuns({ client, taskQueue: TASK_QUEUE, bizNoSearchable: false }),
    /** Starts a verification as ingress does and returns its workflow id. */
    async admit({ scenario, policy }: { readonly scenario: string; readonly policy: Policy }): Promise<{ workflowId: string }> {
      const nowMs = Date.now();
      const token = mintToken({ scenario, issuedAtMs: nowMs });
      const input = inputOf(token, { nowMs, policy });
      const workflowId = workflowIdOf(input.verificationId);
      inputs.set(workflowId, input);
      await starter.start({ workflowId, input, origin: originOf(input) });
      return { workflowId };
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

function originOf({ source: { topic, partition, offset }, admittedAt }: VerificationInput): OriginMemo {
  return { origin: 'ingress', topic, partition, offset, admittedAt };
}

function inputOf(token: string, { nowMs, policy }: { readonly nowMs: number; readonly policy: Policy }): VerificationInput {
  const verificationId = verificationIdOf(token);
  const at = (afterMs: number): string => new Date(nowMs + afterMs).toISOString();
  return {
    v: 1,
    verificationId,
    sealedToken: SEAL.seal(token, verificationId),
    issuedAt: at(0),
    admittedAt: at(0),
    tokenExpiresAt: at(DAY_MS / 24),
    deadlineAt: at(policy.windowMs),
    comparisons: [],
    returnImage: 0,
    attributes: { tenant: 'acme' },
    policy,
    vendorRegion: 'sgp',
    source: { topic: 'faceid.verification.requested.v1', partition: 3, offset: '1234567', eventId: '3b241101-e2bb-4255-8caf-4136c566a962' },
  };
}
