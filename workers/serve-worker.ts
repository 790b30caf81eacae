import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Worker } from '@temporalio/worker';
import { createActivities } from '../activities/create.ts';
import type { EvidencePorts } from '../activities/keep-evidence.ts';
import type { ActivityEvents } from '../activities/ports.ts';
import { withReadableOrders } from '../activities/readable-orders.ts';
import { type Breaker, createBreaker } from '../src/async/breaker.ts';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import type { GateActivities } from '../src/contracts/gate.ts';
import { markText } from '../src/contracts/process-mark.ts';
import type { VerificationActivities } from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import { createOutcomeSink } from '../src/kafka/sinks.ts';
import { createActivityEvents } from '../src/observability/activity-events.ts';
import { createGrants } from '../src/temporal/grants.ts';
import { createHistoryLedger } from '../src/temporal/history/ledger.ts';
import { createHistorySource } from '../src/temporal/history/source.ts';
import type { LiveLink } from '../src/temporal/live-link.ts';
import { startSteadyWorker } from '../src/temporal/steady-worker.ts';
import { createReadsWorker, createVerificationWorker } from '../src/temporal/worker.ts';
import { traceActivities } from '../src/tracing/spans.ts';
import type { RoleContext } from './context.ts';
import type { Engines } from './engines.ts';
import { openEvidenceKeeper } from './evidence.ts';
import { openGate } from './gate.ts';
import { payloadCodecOf, processMarkOf, tokenSealOf } from './settings.ts';
import { openVendor } from './vendor.ts';

/** `source` of the CloudEvents this service emits. */
const EVENT_SOURCE = '/verdictflow';

/** Far more than one send at a time needs while Kafka answers; while it does not, the most that can hang. */
const EMISSIONS_AT_ONCE = 40;

type ServeWorkerOptions = { readonly engines: Engines; readonly onIdle?: (verificationId: string) => void };

/** Resolves once the worker polls. */
export async function serveWorker(context: RoleContext, { engines, onIdle }: ServeWorkerOptions): Promise<void> {
  const { link, producer } = engines;
  const gate = await openGate(context, { engines, eventSource: EVENT_SOURCE });
  const events = createActivityEvents(context);
  const activities = createActivities({
    resultApi: openVendor(context),
    tokenOpener: tokenSealOf(context.live),
    outcomeSink: createOutcomeSink({ producer, topic: context.config.kafka.topics.outcomes, source: EVENT_SOURCE }),
    ledger: createHistoryLedger({ source: createHistorySource({ client: link.client }), logger: context.logger }),
    grants: createGrants({ client: link.client, taskQueue: context.config.temporal.taskQueue }),
    gate: gate.gate,
    ...defined({ evidence: evidenceOf(context) }),
    scores: context.config.scores,
    events,
    breaker: openBreaker(context),
    ...defined({ onIdle }),
  });
  await runWorkers(context, { link, activities: registered(activities, { gate: gate.activities, events }) });
}

type Beside = { readonly gate: GateActivities; readonly events: ActivityEvents };

/** Orders that cannot be read are refused outermost: a span tells of the order, and of these there is nothing to tell. */
export function registered(activities: VerificationActivities, { gate, events }: Beside): VerificationActivities & GateActivities {
  return withReadableOrders({ ...traceActivities(activities), ...gate }, events);
}

/** Undefined: no store is configured. */
function evidenceOf(context: RoleContext): EvidencePorts | undefined {
  const { evidence } = context.config;
  const keeper = openEvidenceKeeper(context);
  return keeper && evidence && { keeper, keepAnswer: evidence.keepAnswer, keepForMs: evidence.timeoutMs };
}

/** Holds emissions back while Kafka does not take them, and shows it. */
function openBreaker({ lifecycle, logger, metrics }: RoleContext): Breaker {
  const breaker = createBreaker({
    atOnce: EMISSIONS_AT_ONCE,
    name: 'Kafka',
    isOutage: (error) => error instanceof DependencyUnavailableError && error.dependency === 'kafka',
    onHeldBack: () => metrics.emissionsHeld.inc(),
    onChange: (held) => {
      metrics.outcomesHeld.set(held ? 1 : 0);
      logger.warn({ event: 'outcomes-held', held }, held ? 'Kafka does not take outcomes; they wait in Temporal' : 'outcomes go out again');
    },
  });
  lifecycle.watch({
    name: 'outcomes',
    state: () => (breaker.isOpen() ? { ready: false, reason: 'Kafka does not take outcomes; they wait in Temporal' } : { ready: true }),
  });
  return breaker;
}

/** A build carries the bundle beside its workers; a checkout has none and bundles its sources at start. */
const BUNDLE = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
/** The worker's own grace ends a little before the phase, so that it is the worker that says what was left. */
const GRACE_MARGIN_MS = 1_000;

type Parts = { readonly link: LiveLink; readonly activities: VerificationActivities & Partial<GateActivities> };

/** One worker for everything, and one for the reads that wait for the gate: each on its own queue. */
export async function runWorkers(context: RoleContext, parts: Parts): Promise<void> {
  const { config } = context;
  const { link, activities } = parts;
  const common = () => ({
    connection: link.connection,
    namespace: link.namespace,
    taskQueue: config.temporal.taskQueue,
    codec: payloadCodecOf(context.live),
    shutdownGraceMs: config.shutdownTimeoutMs - GRACE_MARGIN_MS,
  });
  const main = async (): Promise<Worker> =>
    await createVerificationWorker({
      ...common(),
      activities,
      ...(existsSync(BUNDLE) ? { bundlePath: BUNDLE } : {}),
      emissionsAtOnce: EMISSIONS_AT_ONCE,
      mark: markText(processMarkOf(context.live.current())),
      ...defined({ maxCachedWorkflows: config.temporal.maxCachedWorkflows }),
    });
  await runWorker(context, { name: 'worker', link, create: main });
  await runWorker(context, { name: 'reads', link, create: async () => await createReadsWorker({ ...common(), activities }) });
}

type Running = { readonly name: string; readonly link: LiveLink; readonly create: () => Promise<Worker> };

/** Creates a worker and lets it poll. It drains in its shutdown phase; if it ends by itself, the process ends. */
async function runWorker(context: RoleContext, { name, link, create }: Running): Promise<void> {
  const { lifecycle, logger } = context;
  const worker = await startSteadyWorker({ create, logger, stopping: lifecycle.stopping });
  link.onExchange((connection) => worker.takeOver(connection));
  worker.ended.then(
    () => lifecycle.fail(new Error('the Temporal worker stopped by itself')),
    (error: unknown) => lifecycle.fail(error),
  );
  lifecycle.onStop('worker', () => worker.stop());
  lifecycle.watch({ name, state: () => stateOf(worker.trouble()) });
}

function stateOf(trouble: string | undefined): { ready: boolean; reason?: string } {
  return trouble === undefined ? { ready: true } : { ready: false, reason: trouble };
}
