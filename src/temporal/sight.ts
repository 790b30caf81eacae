import type { Client, Connection } from '@temporalio/client';
import { sleep } from '../async/sleep.ts';
import { readMark } from '../contracts/process-mark.ts';
import { defined } from '../domain/defined.ts';
import { readLimit, sinceText } from '../domain/gate/gate.ts';
import { readsQueueOf } from '../domain/ids.ts';
import type { ClockOffset, GateSeen, QueueKind, TemporalSight, WorkerSeen } from '../operator/doctor/ports.ts';
import type { TemporalLink } from './connect.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, knownAs, unavailable, within } from './errors.ts';
import { type GateAddress, lastGateRun } from './gate/run.ts';
import { millisOf } from './millis.ts';
import { namespaceRetentionMs } from './namespace.ts';
import { inspectSearchAttributes } from './search-attributes.ts';
import { describeQueue, oneLine } from './task-queue.ts';

type SightOptions = {
  readonly link: TemporalLink<Connection>;
  readonly taskQueue: string;
  /** Of the vendor account, whose gate is looked at. */
  readonly region: string;
};

/** A person waits. */
const DEADLINE_MS = 5_000;

/** Temporal as `doctor` sees it. */
export function createTemporalSight({ link, taskQueue, region }: SightOptions): TemporalSight {
  const { client, connection, namespace, address } = link;
  const queues: readonly (readonly [string, QueueKind])[] = [
    [taskQueue, 'workflow'],
    [taskQueue, 'activity'],
    [readsQueueOf(taskQueue), 'activity'],
  ];
  return {
    namespace,
    async server() {
      const { serverVersion } = await knownAs('the server does not say what it is', () =>
        asked(client, () => connection.workflowService.getSystemInfo({})),
      );
      const { tls, apiKey } = link.settings;
      return { address, version: serverVersion, tls: tls === undefined ? apiKey !== undefined : tls !== false };
    },
    retentionMs: async () => await namespaceRetentionMs(connection, namespace),
    attributes: async () => await inspectSearchAttributes(connection, namespace),
    queues: async () =>
      await Promise.all(
        queues.map(
          async ([name, kind]) =>
            await knownAs(`task queue ${name} cannot be described`, () =>
              describeQueue(client, { namespace, name, kind, deadlineMs: DEADLINE_MS }),
            ),
        ),
      ),
    workers: async () => await workersSeen(link, taskQueue),
    gate: async () => await gateSeen({ client, region, taskQueue }),
    clock: async () => await clockOffset(link),
  };
}

function asked<T>(client: Client, request: () => Promise<T>): Promise<T> {
  return within({ client, deadlineMs: DEADLINE_MS }, request);
}

const RUNNING = 1;
const UNABLE: readonly (number | undefined)[] = [GRPC_CODES.UNIMPLEMENTED, GRPC_CODES.PERMISSION_DENIED];

async function workersSeen({ client, namespace }: TemporalLink<Connection>, taskQueue: string): Promise<readonly WorkerSeen[] | undefined> {
  const query = `TaskQueue = ${JSON.stringify(taskQueue)}`;
  try {
    const { workersInfo } = await asked(client, () => client.workflowService.listWorkers({ namespace, query, pageSize: 200 }));
    const nowMs = Date.now();
    return (workersInfo ?? []).flatMap(({ workerHeartbeat: beat }) => {
      if (!beat || beat.taskQueue !== taskQueue || beat.status !== RUNNING) return [];
      const mark = (beat.plugins ?? []).map(({ name }) => readMark(name ?? '')).find((one) => one !== undefined);
      return [
        {
          identity: oneLine(beat.workerIdentity),
          build: oneLine(beat.deploymentVersion?.buildId),
          silentMs: nowMs - millisOf(beat.heartbeatTime),
          ...defined({ mark }),
        },
      ];
    });
  } catch (error) {
    if (UNABLE.includes(grpcCode(error))) return undefined;
    throw unavailable(`the workers cannot be listed (${describeGrpcError(error)})`, error);
  }
}

/** From its memo, so that no worker has to answer. Undefined: there is none that is open. */
async function gateSeen(address: GateAddress): Promise<GateSeen | undefined> {
  const run = await knownAs('the gate cannot be described', async () => await lastGateRun(address));
  if (run?.isOpen !== true) return undefined;
  const { state, taskQueue } = run;
  return { phase: state.phase, since: oneLine(sinceText(state)), taskQueue, ...defined({ perSecond: readLimit(state) }) };
}

/** Nobody else asks there for tasks, and none is ever put there. The server forgets a queue that is not used. */
const OWN_QUEUE = 'verdictflow-doctor';
const POLL_MS = 5_000;
const LOOK_EVERY_MS = 50;

/**
 * No answer of the server says what time it is, but for each poller of a task queue it tells when that asked, by the server's
 * clock: so we ask for a task in a queue where there is none, and look when that was.
 */
async function clockOffset({ client, namespace }: TemporalLink<Connection>): Promise<ClockOffset> {
  const identity = `verdictflow-doctor-${process.pid}-${Date.now()}`;
  const done = new AbortController();
  const askedAtMs = Date.now();
  const polling = client.withAbortSignal(done.signal, () =>
    client.withDeadline(Date.now() + POLL_MS, () =>
      client.workflowService.pollActivityTaskQueue({ namespace, taskQueue: { name: OWN_QUEUE }, identity }),
    ),
  );
  // It ends by our own abort; that it failed earlier shows by what is looked for below.
  polling.catch(() => undefined);
  try {
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      const { pollers } = await knownAs("the server's clock is not known", () =>
        describeQueue(client, { namespace, name: OWN_QUEUE, kind: 'activity', deadlineMs: DEADLINE_MS }),
      );
      const own = pollers.find((one) => one.identity === identity);
      if (own) return { leastMs: own.lastSeenAtMs - Date.now(), mostMs: own.lastSeenAtMs - askedAtMs };
      if (Date.now() - askedAtMs > POLL_MS)
        throw unavailable("the server's clock is not known: it does not let this client ask for tasks", undefined);
    }
  } finally {
    done.abort();
    await polling.catch(() => undefined);
  }
}
