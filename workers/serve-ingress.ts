import { createSystemClock } from '../src/async/sleep.ts';
import type { Config } from '../src/config/config.ts';
import { markText } from '../src/contracts/process-mark.ts';
import { defined } from '../src/domain/defined.ts';
import type { Policy, PolicyProfile } from '../src/domain/policy.ts';
import { policyProblems, resolvePolicy } from '../src/domain/reading/plan.ts';
import { createIngress, type Ingress, type IngressOptions } from '../src/ingress/batch.ts';
import type { Admission, DeadLetterSink } from '../src/ingress/ports.ts';
import { largestMessageBytes } from '../src/kafka/admin.ts';
import { createConsumer, type SupervisedConsumer } from '../src/kafka/consumer.ts';
import { describeKafkaError } from '../src/kafka/errors.ts';
import { describeHold } from '../src/kafka/holds.ts';
import { createDeadLetterSink } from '../src/kafka/sinks.ts';
import { createIngressEvents } from '../src/observability/ingress-events.ts';
import { createConsumerEvents } from '../src/observability/kafka-events.ts';
import { createClockWitness } from '../src/temporal/clock-witness.ts';
import { createHintSender } from '../src/temporal/hint-sender.ts';
import { namespaceRetentionMs } from '../src/temporal/namespace.ts';
import { createStarter } from '../src/temporal/start.ts';
import { traceRecord } from '../src/tracing/spans.ts';
import type { RoleContext } from './context.ts';
import type { Engines } from './engines.ts';
import { bizKeysOf, processMarkOf, startupLimitOf, tokenSealOf } from './settings.ts';

type ServeIngressOptions = {
  readonly engines: Engines;
  readonly admission: Admission;
  /** Needs a worker of the same task queue on the same connection. */
  readonly requestEagerStart: boolean;
};

/** Long enough for the attempts after which a record may be blamed, short enough for those behind it. */
const REFETCH_FAILING_MS = 30_000;

/** Resolves once the consumer group is joined. */
export async function serveIngress(context: RoleContext, options: ServeIngressOptions): Promise<void> {
  const { config, lifecycle, logger } = context;
  const { groupId, topics, sessionTimeoutMs } = config.kafka;
  const ingress = createIngress(await ingressOptions(context, options));
  const events = createConsumerEvents(context);
  /** Why it is no member; undefined while it is one, or only waits for the others. */
  let crash: string | undefined;
  const consumer = createConsumer({
    kafka: options.engines.kafka,
    groupId,
    topics: [topics.requests, topics.hints],
    onBatch: (batch) => ingress.onBatch(batch),
    events: {
      ...events,
      joined(group) {
        crash = undefined;
        events.joined(group);
      },
      crashed(crashed) {
        crash = crashed.error;
        events.crashed(crashed);
      },
    },
    logger,
    startupLimit: startupLimitOf(config),
    sessionTimeoutMs,
    mark: () => markText(processMarkOf(context.live.current())),
  });
  lifecycle.onStop('ingress', async () => {
    await consumer.stop();
    await ingress.close();
    context.metrics.consumerJoined.set(0);
  });
  lifecycle.watch({ name: 'ingress', state: () => stateOf(consumer, { ingress, crash }) });
  await consumer.start();
}

async function ingressOptions(context: RoleContext, options: ServeIngressOptions): Promise<IngressOptions> {
  const { config } = context;
  const { link } = options.engines;
  const { admission } = options;
  return {
    settings: {
      hintTopic: config.kafka.topics.hints,
      trustHints: config.trustHints,
      groupId: config.kafka.groupId,
      vendorRegion: config.faceId.region,
      returnImage: config.returnImage,
      ...(config.faceId.maxReadsPerSecond === undefined ? {} : { readsQueued: true }),
      retentionMs: await dedupeHorizonMs(link),
      policyFor: createPolicyFor(config),
    },
    starter: createStarter({
      client: link.client,
      taskQueue: config.temporal.taskQueue,
      requestEagerStart: options.requestEagerStart,
      ...bizKeysOf(() => context.live.current()),
    }),
    hintSender: createHintSender({ client: link.client }),
    deadLetters: await openDeadLetters(context, options.engines),
    sealer: tokenSealOf(context.live),
    admission,
    clock: createSystemClock(),
    timeWitness: createClockWitness({ client: link.client, namespace: link.namespace, taskQueue: config.temporal.taskQueue }),
    events: createIngressEvents(context),
    tracing: traceRecord,
    refetchFailingMs: REFETCH_FAILING_MS,
  };
}

/** What the topic takes is asked once, at start. Who may not ask finds it out by what the brokers refuse. */
async function openDeadLetters({ config, logger }: RoleContext, { kafka, producer }: Engines): Promise<DeadLetterSink> {
  const topic = config.kafka.topics.deadLetters;
  try {
    return createDeadLetterSink({ producer, topic, ...defined({ maxBytes: await largestMessageBytes(kafka, [topic]) }) });
  } catch (error) {
    logger.warn({ topic, error: describeKafkaError(error) }, 'what the dead-letter topic takes at most is unknown');
    return createDeadLetterSink({ producer, topic });
  }
}

/**
 * How far back a repeated token is known: as long as the namespace retains closed workflows, which is asked once, at start. Zero
 * means that nothing is ever deleted.
 */
async function dedupeHorizonMs({ connection, namespace }: Engines['link']): Promise<number> {
  const retentionMs = (await namespaceRetentionMs(connection, namespace)) ?? 0;
  return retentionMs > 0 ? retentionMs : Number.POSITIVE_INFINITY;
}

type Parts = { readonly ingress: Ingress; readonly crash: string | undefined };

function stateOf(consumer: SupervisedConsumer, { ingress, crash }: Parts): { ready: boolean; reason?: string } {
  if (!consumer.isJoined()) return { ready: false, reason: `not a member of the consumer group${crash === undefined ? '' : `: ${crash}`}` };
  const waits = ingress.waits().map(({ cause, detail }) => (detail === undefined ? cause : `${cause} (${detail})`));
  const reasons = [...(waits.length > 0 ? [`records wait for: ${waits.join(', ')}`] : []), ...consumer.holds().map(describeHold)];
  return reasons.length === 0 ? { ready: true } : { ready: false, reason: reasons.join('; ') };
}

/** The policy of a request: the profile it names, else the configured one. Undefined if the settings do not allow it. */
function createPolicyFor({ policy: { profile, settings } }: Config): (asked: PolicyProfile | undefined) => Policy | undefined {
  const policies = new Map<PolicyProfile, Policy | undefined>();
  return (asked = profile) => {
    if (!policies.has(asked))
      policies.set(asked, policyProblems(asked, settings).length === 0 ? resolvePolicy(asked, settings) : undefined);
    return policies.get(asked);
  };
}
