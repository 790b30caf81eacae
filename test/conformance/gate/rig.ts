import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { LogRecord } from '../../../src/emulator/log-records.ts';
import { logRecords } from '../../../src/emulator/log-lines.ts';
import { mintToken } from '../../../src/emulator/mint-token.ts';
import { expectedOf } from '../../../src/emulator/scenarios.ts';
import { STATE_QUERY, type VerificationView } from '../../../src/contracts/workflow.ts';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { gateWorkflowId, workflowIdOf } from '../../../src/domain/ids.ts';
import { createGatePort } from '../../../src/temporal/gate/port.ts';
import { openGateRun } from '../../../src/temporal/gate/run.ts';
import { millisOf } from '../../../src/temporal/millis.ts';
import { freePort, pipelineEnv, produce, type SeenOutcome, watchTopic } from '../../support/pipeline.ts';
import { type ServiceProcess, startProcess } from '../../support/process.ts';
import { freshNamespace } from '../../support/temporal-namespace.ts';
import { until } from '../../support/until.ts';

/** Of the emulator's address. */
const REGION = 'other';

/** In so many parts a server as it is keeps a queue: each lets that share of the rate through, and its own most urgent one first. */
export const QUEUE_PARTS = 4;

const SCENARIOS = ['ready-pass', 'ready-fail-liveness', 'processing-1', 'ready-boundary', 'cancelled'];

export type GateToken = { readonly token: string; readonly scenario: string; readonly isNear: boolean; readonly value: string };

/** Requests of several kinds, or of one; older ones have less of their window left. */
export function gateTokens(count: number, { ageMs = 0, scenario }: { readonly ageMs?: number; readonly scenario?: string } = {}) {
  return Array.from({ length: count }, (_, index): GateToken => {
    const played = scenario ?? SCENARIOS[index % SCENARIOS.length] ?? 'ready-pass';
    const issuedAtMs = Date.now() - ageMs;
    const token = mintToken({ scenario: played, issuedAtMs });
    const value = JSON.stringify({ token, issuedAt: new Date(issuedAtMs).toISOString() });
    return { token, scenario: played, isNear: ageMs > 0, value };
  });
}

export type GateTest = Awaited<ReturnType<typeof openGateTest>>;

type Options = {
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly workers: number;
  readonly windowMs: number;
  /** Of the ramp. */
  readonly stepMs: number;
  readonly overrides?: Readonly<Record<string, string>>;
};

/** One ingress, some workers, the emulator, and a namespace with a gate of its own. */
export async function openGateTest(options: Options) {
  const { kafkaBrokers, temporalAddress, windowMs } = options;
  const link = await freshNamespace(temporalAddress, { searchAttributes: true });
  const { client, namespace } = link;
  const emulatorPort = await freePort();
  const logPath = join(await mkdtemp(join(tmpdir(), 'verdictflow-gate-')), 'requests.ndjson');
  const env = pipelineEnv({
    kafkaBrokers,
    temporalAddress,
    emulatorPort,
    overrides: {
      TEMPORAL_NAMESPACE: namespace,
      VF_POLICY_PROFILE: 'custom',
      VF_POLICY_CUSTOM_OFFSETS: '0s,5s',
      VF_WINDOW: `${windowMs}ms`,
      VF_POLICY_MIN_GAP: '500ms',
      VF_POLICY_ERROR_BACKOFF: '1s',
      VF_KAFKA_SESSION_TIMEOUT: '6s',
      VF_GATE_DATA_SOURCE_ERRORS: '1',
      VF_GATE_REFUSALS: '3',
      VF_LOG_LEVEL: 'info',
      VF_EMULATOR_PORT: String(emulatorPort),
      VF_EMULATOR_LOG: logPath,
      ...options.overrides,
    },
  });
  const taskQueue = env['VF_TASK_QUEUE'] ?? '';
  const address = { client, region: REGION, taskQueue, pace: { stepMs: options.stepMs } };
  await openGateRun(address);
  const started: ServiceProcess[] = [];
  const start = (role: string): ServiceProcess => {
    const service = startProcess([role], env);
    started.push(service);
    return service;
  };
  const emulator = start('emulator');
  const ingress = start('ingress');
  const workers = Array.from({ length: options.workers }, () => start('worker'));
  await Promise.all([emulator, ingress, ...workers].map(async (service) => await service.ready()));
  const outcomes = await watchTopic(kafkaBrokers, env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
  const announced = await watchTopic(kafkaBrokers, env['VF_KAFKA_GATE_TOPIC'] ?? '');
  return {
    client,
    namespace,
    env,
    workers,
    ingress,
    gate: createGatePort(address),
    start,
    isGateRunning: async (): Promise<boolean> =>
      (await client.workflow.getHandle(gateWorkflowId(REGION)).describe()).status.name === 'RUNNING',
    /** Produces requests. */
    submit: async (requests: readonly { readonly value: string }[]) =>
      await produce(kafkaBrokers, env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [...requests]),
    outcomes: (): ReadonlyMap<string, readonly SeenOutcome[]> => outcomes.byId(),
    announced: (): readonly SeenOutcome[] => announced.seen,
    /** What reached the vendor, oldest first, by its own log. */
    requests: async () => await requestsIn(logPath),
    /** When the server handed the first read of each out, epoch ms, in order. */
    handedOutAtMs: async (tokens: readonly GateToken[]): Promise<readonly number[]> =>
      (await Promise.all(tokens.map(async ({ token }) => await handedOutAtMs(client, token)))).toSorted((one, other) => one - other),
    events: async (token: string): Promise<number> => await eventsOf(client, token),
    stage: async (token: string): Promise<string> =>
      (await client.workflow.getHandle(workflowIdOf(verificationIdOf(token))).query<VerificationView>(STATE_QUERY)).stage,
    /** Those that did not end as their scenario demands. */
    wrong: (tokens: readonly GateToken[]): readonly GateToken[] =>
      tokens.filter(
        ({ token, scenario }) =>
          !String(outcomes.byId().get(verificationIdOf(token))?.[0]?.value).includes(`"outcome":"${expectedOf(scenario)?.outcome}"`),
      ),
    whereAre: async (tokens: readonly GateToken[]): Promise<string> =>
      await whereAre(
        client,
        tokens.map(({ token }) => verificationIdOf(token)),
      ),
    outcomeOf: (token: string): string => outcomes.byId().get(verificationIdOf(token))?.[0]?.value ?? '',
    /** Changes the vendor. */
    emulator: async (path: string, body: object): Promise<void> => {
      await fetch(`http://127.0.0.1:${emulatorPort}/__admin${path}`, { method: 'POST', body: JSON.stringify(body) });
    },
    allDecided: async (tokens: readonly { readonly token: string }[], timeoutMs: number) => {
      const ids = tokens.map(({ token }) => verificationIdOf(token));
      const missing = (): readonly string[] => ids.filter((id) => !outcomes.byId().has(id));
      try {
        await until(() => missing().length === 0, { timeoutMs, everyMs: 200, what: 'an outcome for each' });
      } catch (error) {
        const some = await whereAre(client, missing().slice(0, 3));
        throw new Error(`${missing().length} of ${ids.length} lack an outcome: ${some}`, { cause: error });
      }
    },
    close: async (): Promise<void> => {
      await outcomes.stop();
      await announced.stop();
      for (const service of started) service.kill('SIGKILL');
      await link.close();
    },
  };
}

export type Request = {
  readonly atMs: number;
  readonly verificationId: string;
  /** What the vendor refused it with, before it looked. */
  readonly refusal?: string;
};

async function requestsIn(logPath: string): Promise<readonly Request[]> {
  const requests: Request[] = [];
  for await (const record of logRecords(logPath)) if (isRequest(record)) requests.push(requestOf(record));
  return requests;
}

type RequestRecord = Extract<LogRecord, { type: 'read' | 'refused' }>;

function isRequest(record: LogRecord): record is RequestRecord {
  return record.type === 'read' || record.type === 'refused';
}

function requestOf(record: RequestRecord): Request {
  const refusal = record.type === 'refused' ? { refusal: record.says } : {};
  return { atMs: Date.parse(record.at), verificationId: record.verificationId ?? '', ...refusal };
}

async function handedOutAtMs(client: Client, token: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowIdOf(verificationIdOf(token))).fetchHistory();
  const started = (events ?? []).find(({ activityTaskStartedEventAttributes }) => (activityTaskStartedEventAttributes ?? null) !== null);
  return millisOf(started?.eventTime);
}

async function eventsOf(client: Client, token: string): Promise<number> {
  const { historyLength } = await client.workflow.getHandle(workflowIdOf(verificationIdOf(token))).describe();
  return historyLength;
}

async function whereAre(client: Client, ids: readonly string[]): Promise<string> {
  return (await Promise.all(ids.map(async (id) => await whereIs(client, id)))).join(' | ');
}

async function whereIs(client: Client, verificationId: string): Promise<string> {
  const handle = client.workflow.getHandle(workflowIdOf(verificationId));
  try {
    const { raw } = await handle.describe();
    const view = await handle.query<VerificationView>(STATE_QUERY);
    const pending = raw.pendingActivities?.map(({ state, attempt, lastWorkerIdentity }) => ({ state, attempt, lastWorkerIdentity }));
    return JSON.stringify({ ...view, events: Number(raw.workflowExecutionInfo?.historyLength ?? 0), pending });
  } catch (error) {
    // A question that fails must not take the place of what it was asked for.
    return `${verificationId}: ${String(error)}`;
  }
}
