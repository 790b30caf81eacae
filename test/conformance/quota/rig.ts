import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { LocalStack } from '../../../src/localstack/stack.ts';
import { resolveTemporalBinary } from '../../../src/localstack/temporal-binary.ts';
import { freePort, pipelineEnv } from '../../support/pipeline.ts';
import { type ServiceProcess, startNode, startProcess } from '../../support/process.ts';
import { until } from '../../support/until.ts';
import type { GatePort } from '../../../src/operator/ports.ts';
import { createGatePort } from '../../../src/temporal/gate/port.ts';
import { openGateRun } from '../../../src/temporal/gate/run.ts';
import { gateWorkflowId } from '../../../src/domain/ids.ts';
import { type Fleet, type Role, startFleet } from './fleet.ts';
import type { HeldSpan } from './gate-acts.ts';
import type { StormToken } from './tokens.ts';

const run = promisify(execFile);
const LOCAL_DIR = fileURLToPath(new URL('../../../.local', import.meta.url));
const UNGUARDED = fileURLToPath(new URL('./unguarded-worker.ts', import.meta.url));
/** Of the emulator's address. */
const REGION = 'other';
/** One test process starts three programs at most at once, or it starves the service. */
const MAX_PROGRAMS = 3;

/** What a negative control takes away from the worker. */
export type Sabotage = 'guard' | 'grants';

export type RigOptions = {
  readonly stack: LocalStack;
  readonly windowMs: number;
  readonly roles: readonly Role[];
  readonly sabotage?: Sabotage;
};

export type StormRig = {
  readonly stack: LocalStack;
  readonly windowMs: number;
  readonly logPath: string;
  readonly topics: { readonly request: string; readonly hint: string; readonly outcome: string };
  readonly groupId: string;
  readonly taskQueue: string;
  readonly client: Client;
  readonly fleet: Fleet;
  readonly gate: GatePort;
  /** One order to the gate at a time, so that what was held when is known. */
  onGate<T>(work: () => Promise<T>): Promise<T>;
  readonly held: HeldSpan[];
  /** Whatever has been submitted so far. */
  readonly submitted: StormToken[];
  /** The Temporal CLI, as an operator uses it. Rejects when it ends with another code than 0. */
  cli(...args: string[]): Promise<string>;
  /** Steers the emulator: `outage`, `defaults`. */
  vendor(path: string, body: object): Promise<void>;
  /** One at a time: whatever concerns the request topic as a whole. */
  onTopic<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** An isolated pipeline of separate processes on engines that may be killed. */
export async function openRig(options: RigOptions): Promise<StormRig> {
  const { stack, windowMs } = options;
  const emulatorPort = await freePort();
  const logPath = join(await mkdtemp(join(tmpdir(), 'verdictflow-storm-')), 'requests.ndjson');
  const env = environment({ stack, windowMs, emulatorPort, logPath });
  const emulator = startProcess(['emulator'], env);
  await emulator.ready();
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection, identity: 'operator-of-the-storm' });
  await forgetGate(client);
  // A day of the vendor is short here, and the gate's steps and patience are as short a part of it: a canary that was killed
  // would else hold the reads of everybody until their windows are over.
  const gate = { client, region: REGION, taskQueue: env['VF_TASK_QUEUE'] ?? '' };
  await openGateRun({ ...gate, pace: { stepMs: windowMs / 100, canaryMs: windowMs / 10 } });
  const cliPath = await resolveTemporalBinary({ dir: LOCAL_DIR, log: () => undefined });
  const fleet = await startFleet((role) => launch({ role, env, sabotage: options.sabotage }), options.roles);
  const program = atMost(MAX_PROGRAMS);
  return {
    stack,
    windowMs,
    logPath,
    topics: {
      request: env['VF_KAFKA_REQUEST_TOPIC'] ?? '',
      hint: env['VF_KAFKA_HINT_TOPIC'] ?? '',
      outcome: env['VF_KAFKA_OUTCOME_TOPIC'] ?? '',
    },
    groupId: env['VF_KAFKA_GROUP_ID'] ?? '',
    taskQueue: env['VF_TASK_QUEUE'] ?? '',
    client,
    fleet,
    gate: createGatePort(gate),
    onGate: atMost(1),
    held: [],
    submitted: [],
    cli: (...args) =>
      program(async () => {
        const where = ['--address', stack.temporalAddress, '--namespace', 'default'];
        return (await run(cliPath, [...args, ...where], { timeout: 20_000, killSignal: 'SIGKILL' })).stdout;
      }),
    vendor: async (path, body) => {
      // An outage of the mode `refuse` closes this very port, and ends by itself.
      const answer = await until(
        async () => await fetch(`http://127.0.0.1:${emulatorPort}/__admin/${path}`, { method: 'POST', body: JSON.stringify(body) }),
        { timeoutMs: 30_000, what: `the emulator takes ${path}` },
      );
      if (!answer.ok) throw new Error(`the emulator refuses ${path}: ${await answer.text()}`);
    },
    onTopic: atMost(1),
    close: async () => {
      await fleet.close();
      await connection.close();
      emulator.kill('SIGTERM');
      await emulator.exit();
    },
  };
}

/** Of an earlier storm on the same server: it would wait on a queue that nobody asks any more. */
async function forgetGate(client: Client): Promise<void> {
  try {
    await client.workflow.getHandle(gateWorkflowId(REGION)).terminate('another storm begins');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function launch({ role, env, sabotage }: { role: Role; env: Record<string, string>; sabotage: Sabotage | undefined }): ServiceProcess {
  if (role === 'worker' && sabotage !== undefined) return startNode(['--import', 'tsx', UNGUARDED, sabotage], env);
  return startProcess([role], env);
}

/** The compressed clock: a window of seconds instead of a day. */
function environment(options: { stack: LocalStack; windowMs: number; emulatorPort: number; logPath: string }): Record<string, string> {
  return pipelineEnv({
    kafkaBrokers: options.stack.kafkaBrokers,
    temporalAddress: options.stack.temporalAddress,
    emulatorPort: options.emulatorPort,
    overrides: {
      VF_POLICY_PROFILE: 'demo',
      // Operators of the storm hint through Kafka as well, and mean the reserve.
      VF_TRUST_HINTS: 'true',
      VF_WINDOW: `${options.windowMs}ms`,
      VF_POLICY_MIN_GAP: '500ms',
      VF_POLICY_ERROR_BACKOFF: '1s',
      VF_FACEID_TIMEOUT: '1500ms',
      VF_KAFKA_SESSION_TIMEOUT: '6s',
      VF_STARTUP_TIMEOUT: '90s',
      VF_LOG_LEVEL: 'warn',
      VF_EMULATOR_PORT: String(options.emulatorPort),
      VF_EMULATOR_LOG: options.logPath,
    },
  });
}

/** Runs at most `limit` pieces of work at a time, the others in order of arrival. */
function atMost(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
