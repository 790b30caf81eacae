import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { inject } from 'vitest';
import { type ActivityPorts, createActivities } from '../../activities/create.ts';
import type { VerificationActivities, VerificationInput, VerificationResult } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { createFaceIdClient } from '../../src/faceid/client.ts';
import { resolveTemporalBinary } from '../../src/localstack/temporal-binary.ts';
import { createGrants } from '../../src/temporal/grants.ts';
import { createHistoryLedger } from '../../src/temporal/history/ledger.ts';
import { createHistorySource } from '../../src/temporal/history/source.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createStarter } from '../../src/temporal/start.ts';
import { createVerificationWorker } from '../../src/temporal/worker.ts';
import { assertDocumented } from './documented-outcome.ts';
import { eventTypes } from './history.ts';
import { silentLogger } from './silent-logger.ts';
import { freshNamespace } from './temporal-namespace.ts';
import { until } from './until.ts';
import { DAY_MS, HOUR_MS, inputAt, type InputOverrides, PLAIN_POLICY, TEST_SEAL } from './verification-input.ts';

const run = promisify(execFile);
const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
const CREDENTIALS = { apiKey: 'key-of-the-tests', apiSecret: 'secret-of-the-tests' };

/** One read at admission; every further one needs a hint, so a test decides which run makes it. */
export const HINTED_POLICY: Policy = {
  ...PLAIN_POLICY,
  minGapMs: 0,
  errorBackoffMs: 100,
  hintDelayMs: 0,
  plan: [
    { anchor: 'ADMITTED', offsetMs: 0, notBeforeMs: 0, reserve: false },
    { anchor: 'ISSUED', offsetMs: 12 * HOUR_MS, notBeforeMs: 0, reserve: false },
    { anchor: 'ISSUED', offsetMs: 23 * HOUR_MS, notBeforeMs: 0, reserve: true },
  ],
};

/** What a negative control takes away; never possible through settings. */
export type Sabotage = {
  readonly ports?: Partial<Pick<ActivityPorts, 'ledger' | 'grants'>>;
  readonly activities?: (real: VerificationActivities, ports: ActivityPorts) => VerificationActivities;
  /** Sees the client that ledger and grants use. */
  readonly client?: (client: Client) => Client;
  /** Another server than the shared one. */
  readonly address?: string;
};

export type AwayRig = Awaited<ReturnType<typeof startAwayRig>>;

/** A real server, a real worker and the emulator, whose log is the oracle of every read. */
export async function startAwayRig(sabotage: Sabotage = {}) {
  await installRuntimeOnce();
  const folder = await mkdtemp(join(tmpdir(), 'verdictflow-away-'));
  const logPath = join(folder, 'vendor.log');
  const emulator = await startEmulator({
    port: 0,
    maxCalls: 3,
    windowMs: DAY_MS,
    countMode: 'all',
    windowStart: 'issue',
    logPath,
    ...CREDENTIALS,
  });
  const vendor = createFaceIdClient({ baseUrl: emulator.baseUrl, timeoutMs: 10_000, ...CREDENTIALS });
  const address = sabotage.address ?? inject('temporalAddress');
  const link = await freshNamespace(address, { searchAttributes: true });
  const cliPath = await resolveTemporalBinary({ dir: LOCAL_DIR, log: () => undefined });
  const taskQueue = `away-${randomUUID()}`;
  const published: string[] = [];
  const unreachable = new Set<string>();
  const whilePublishing = new Map<string, () => Promise<unknown>>();
  const client = sabotage.client?.(link.client) ?? link.client;
  const ports: ActivityPorts = {
    resultApi: vendor,
    tokenOpener: TEST_SEAL,
    outcomeSink: {
      async publish(event) {
        if (unreachable.has(event.verificationId)) throw new Error('brokers away');
        const offset = String(published.push(JSON.stringify(event)));
        const meanwhile = whilePublishing.get(event.verificationId);
        whilePublishing.delete(event.verificationId);
        await meanwhile?.();
        return { topic: 'outcomes', partition: 0, offset };
      },
    },
    ledger: createHistoryLedger({ source: createHistorySource({ client }), logger: silentLogger }),
    grants: createGrants({ client, taskQueue }),
    // As long as four attempts take; visibility of this server never lags that far.
    seekHomeForMs: 10_000,
    ...sabotage.ports,
  };
  const real = createActivities(ports);
  const activities = sabotage.activities?.(real, ports) ?? real;
  const { connection, namespace } = link;
  const worker = await createVerificationWorker({
    connection,
    namespace,
    taskQueue,
    activities,
    bundlePath: inject('workflowBundlePath'),
    emissionsAtOnce: 10,
    shutdownGraceMs: 12_000,
  });
  const running = worker.run();

  const handleOf = (input: VerificationInput, runId?: string) => link.client.workflow.getHandle(workflowIdOf(input.verificationId), runId);

  return {
    link,
    taskQueue,
    /** Verifications whose outcomes Kafka does not take. */
    unreachable,
    /** What happens, once, after Kafka has taken the outcome of a verification and before it says so. */
    whilePublishing,
    ports,
    handleOf,
    /** Starts the home run, as ingress does. */
    async admit(
      scenario: string,
      overrides: InputOverrides & { eager?: boolean } = {},
    ): Promise<{ input: VerificationInput; runId: string }> {
      const { eager = false, ...fields } = overrides;
      const nowMs = Date.now();
      const token = mintToken({ scenario, issuedAtMs: nowMs });
      const input = inputAt(nowMs, { policy: HINTED_POLICY, token, ...fields });
      const starter = createStarter({ client: link.client, taskQueue, requestEagerStart: eager });
      await starter.start({
        workflowId: workflowIdOf(input.verificationId),
        input,
        origin: { origin: 'ingress', ...input.source, admittedAt: input.admittedAt },
      });
      const { runId } = await handleOf(input).describe();
      return { input, runId };
    },
    /** The Temporal CLI of the local stack, as an operator uses it. */
    async cli(...args: string[]): Promise<string> {
      const { stdout } = await run(cliPath, [...args, '--address', address, '--namespace', namespace]);
      return stdout;
    },
    async resetByCli(input: VerificationInput, options: { runId: string; eventId?: string }): Promise<string> {
      const eventId = options.eventId ?? (await firstTaskId(handleOf(input, options.runId)));
      const workflow = ['--workflow-id', workflowIdOf(input.verificationId), '--run-id', options.runId];
      await this.cli('workflow', 'reset', ...workflow, '--event-id', eventId, '--reason', 'test');
      return (await handleOf(input).describe()).runId;
    },
    /** "Start Workflow Like This One": input and search attributes are copied, the memo is not. */
    async startByCli(input: VerificationInput, workflowId = workflowIdOf(input.verificationId)): Promise<string> {
      const what = ['--type', 'resolveVerification', '--task-queue', taskQueue, '--workflow-id', workflowId];
      await this.cli('workflow', 'start', ...what, '--input', JSON.stringify(input));
      return (await link.client.workflow.getHandle(workflowId).describe()).runId;
    },
    hint: (input: VerificationInput) => handleOf(input).signal('hint', { kind: 'SESSION_ENDED', trusted: true }),
    result: (input: VerificationInput, runId?: string): Promise<VerificationResult> =>
      link.client.workflow.result(workflowIdOf(input.verificationId), runId),
    untilEvent: (input: VerificationInput, type: string, runId?: string) =>
      until(async () => eventTypes(await handleOf(input, runId).fetchHistory()).includes(type), {
        timeoutMs: 20_000,
        what: `event ${type}`,
      }),
    /** Reads of one token by the vendor's own log. */
    async reads(input: VerificationInput): Promise<number> {
      return (await readEmulatorLog(logPath)).tokens.get(input.verificationId)?.reads ?? 0;
    },
    emissions: (input: VerificationInput) => published.filter((text) => text.includes(`"${input.verificationId}"`)),
    async stop(): Promise<void> {
      worker.shutdown();
      await running;
      await vendor.close();
      await emulator.close();
      await link.close();
      await rm(folder, { recursive: true });
      // Last, and not in `publish`, whose failures Temporal repeats without end.
      for (const text of published) assertDocumented(JSON.parse(text));
    },
  };
}

let installed: Promise<unknown> | undefined;
async function installRuntimeOnce(): Promise<void> {
  await (installed ??= installRuntime({ logger: silentLogger }));
}

/** The event that ends the first workflow task: a reset to it repeats everything. */
async function firstTaskId(handle: {
  fetchHistory(): Promise<{ events?: { workflowTaskCompletedEventAttributes?: unknown; eventId?: unknown }[] | null }>;
}) {
  const { events } = await handle.fetchHistory();
  return String(events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId);
}
