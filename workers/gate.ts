import { hostname } from 'node:os';
import { createGateActivities } from '../activities/gate.ts';
import type { ReadGate } from '../activities/ports.ts';
import { whenAborted } from '../src/async/abort.ts';
import { LATE, withTimeout } from '../src/async/timeout.ts';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import type { GateActivities } from '../src/contracts/gate.ts';
import { defined } from '../src/domain/defined.ts';
import { type GateState, isHeld, readLimit, sinceText } from '../src/domain/gate/gate.ts';
import { readsQueueOf } from '../src/domain/ids.ts';
import { createGateSink } from '../src/kafka/sinks.ts';
import { followGate, type GateFollower } from '../src/temporal/gate/follow.ts';
import { createReadQueue, readQueueState } from '../src/temporal/gate/queue.ts';
import { createReadGate } from '../src/temporal/gate/read-gate.ts';
import { createGateWords, type GateWords } from '../src/temporal/gate/words.ts';
import type { RoleContext } from './context.ts';
import type { Engines } from './engines.ts';

const COUNT_EVERY_MS = 10_000;

export type OpenedGate = { readonly gate: ReadGate; readonly activities: GateActivities };

/** Follows the gate of the vendor account; resolves once it is known, since no read may begin before. */
export async function openGate(
  context: RoleContext,
  { engines, eventSource }: { readonly engines: Engines; readonly eventSource: string },
): Promise<OpenedGate> {
  const { config, lifecycle, logger, metrics } = context;
  const { client } = engines.link;
  const { region } = config.faceId;
  const { taskQueue } = config.temporal;
  const { stopping } = lifecycle;
  const follower = followGate({
    client,
    region,
    taskQueue,
    logger,
    stopping,
    onState: (state, before) => show(context, { state, before }),
  });
  const words = createGateWords({ client, region, logger, stopping });
  const gate = createReadGate({
    state: () => follower.state(),
    words,
    by: `worker:${hostname()
      .replaceAll(/[^\w.-]/g, '-')
      .slice(0, 40)}:${process.pid}`,
    readsQueue: readsQueueOf(taskQueue),
    settings: config.gate,
    onStop({ sign, reason }) {
      metrics.gateStops.inc({ sign });
      logger.error({ event: 'gate-stop', sign, reason }, 'the vendor answers what it says to stop for: no read begins here any more');
    },
  });
  metrics.gateHeld.from(
    () => {
      const heard = follower.heard();
      return heard === undefined || gate.isHeldIn(heard) ? 1 : 0;
    },
    { region },
  );
  const first = await withTimeout(follower.known, config.startupTimeoutMs);
  if (first === LATE) throw new DependencyUnavailableError('temporal', `the gate of ${region} cannot be followed`);
  lifecycle.watch({ name: 'gate', state: () => readinessOf(follower) });
  countParked(context, { engines, follower });
  tellAccount(words, { first, perSecond: config.faceId.maxReadsPerSecond });
  const sink = createGateSink({ producer: engines.producer, topic: config.kafka.topics.gate, source: eventSource });
  return { gate, activities: createGateActivities({ queue: createReadQueue(client), sink }) };
}

type Heard = { readonly state: GateState; readonly before: GateState | undefined };

function show({ logger }: RoleContext, { state, before }: Heard): void {
  const { phase, sinceAt, by, reason, ticket } = state;
  // The steps of a ramp are no news.
  if (before?.changes === state.changes) return;
  const log = isHeld(state) ? 'warn' : 'info';
  logger[log]({ event: 'gate', phase, since: sinceAt, by, reason, ...defined({ ticket }) }, `the gate is ${phase}`);
}

/** A held gate is no fault of this process, so it is ready and says so. */
function readinessOf(follower: GateFollower): { ready: boolean; reason?: string } {
  const state = follower.state();
  if (state === undefined) return { ready: false, reason: 'the gate cannot be followed, so no read begins here' };
  return state.phase === 'OPEN' ? { ready: true } : { ready: true, reason: `the gate is ${state.phase}, ${sinceText(state)}` };
}

/** Asked only while something can wait: an open gate of an account without a limit costs nothing. */
function countParked(
  { config, metrics, lifecycle }: RoleContext,
  { engines, follower }: { engines: Engines; follower: GateFollower },
): void {
  const { region } = config.faceId;
  let waiting = 0;
  let isAsking = false;
  metrics.parkedReads.set({ region }, waiting);
  const count = async (): Promise<void> => {
    ({ waiting } = await readQueueState(engines.link.client, readsQueueOf(config.temporal.taskQueue)));
    metrics.parkedReads.set({ region }, waiting);
  };
  const timer = setInterval(() => {
    const state = follower.heard();
    if (isAsking || (state !== undefined && readLimit(state) === undefined && waiting === 0)) return;
    isAsking = true;
    // Temporal's own readiness tells of an outage; the last count stays.
    void count()
      .catch(() => undefined)
      .finally(() => (isAsking = false));
  }, COUNT_EVERY_MS);
  timer.unref();
  whenAborted(lifecycle.stopping, () => clearInterval(timer));
}

/** Told once, at start: two workers that were configured differently must not go on telling the gate in turn. */
function tellAccount(words: GateWords, { first, perSecond }: { readonly first: GateState; readonly perSecond: number | undefined }): void {
  if (first.accountPerSecond !== perSecond) void words.account(defined({ perSecond }));
}
