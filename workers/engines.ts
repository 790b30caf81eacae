import type { Kafka } from 'kafkajs';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import { openKafka } from '../src/kafka/connect.ts';
import { createRecordProducer, type RecordProducer } from '../src/kafka/producer.ts';
import { kafkaSetup } from '../src/kafka/setup.ts';
import { createProducerEvents } from '../src/observability/kafka-events.ts';
import type { SetupPort } from '../src/operator/ports.ts';
import { setUp, shortcomingIn, warningsIn } from '../src/operator/setup.ts';
import type { LiveLink } from '../src/temporal/live-link.ts';
import { refuseShortRetention } from '../src/temporal/namespace.ts';
import { temporalSetup } from '../src/temporal/setup.ts';
import type { RoleContext } from './context.ts';
import { kafkaSettingsOf, startupLimitOf } from './settings.ts';
import { openTemporal } from './temporal.ts';
import { watchWork } from './watch-work.ts';

/** What ingress and worker stand on; one of each per process. */
export type Engines = { readonly kafka: Kafka; readonly link: LiveLink; readonly producer: RecordProducer };

/** Waits for Kafka and Temporal side by side, and for everything in them that the service needs. */
export async function openEngines(context: RoleContext): Promise<Engines> {
  const { config, lifecycle } = context;
  const [kafka, link] = await Promise.all([reachKafka(context), openTemporal(context)]);
  lifecycle.stopping.throwIfAborted();
  await requireTopics(context, kafka);
  const { windowMs } = config.policy.settings;
  const { connection, namespace } = link;
  const { retentionMs } = config.temporal;
  await requireSetup(temporalSetup({ connection, namespace, retentionMs, windowMs }), { ...context, of: 'temporal' });
  await refuseShortRetention(connection, { namespace, windowMs });
  watchWork(link, context);
  return { kafka, link, producer: openProducer(context, kafka) };
}

/** What a role without Temporal stands on. */
export async function openKafkaEngine(context: RoleContext): Promise<Omit<Engines, 'link'>> {
  const kafka = await reachKafka(context);
  context.lifecycle.stopping.throwIfAborted();
  await requireTopics(context, kafka);
  return { kafka, producer: openProducer(context, kafka) };
}

async function reachKafka(context: RoleContext): Promise<Kafka> {
  const { config, live, logger, lifecycle } = context;
  warnOfOpenSasl(context);
  return await openKafka({ ...kafkaSettingsOf(live.current), ...startupLimitOf(config), logger, stopping: lifecycle.stopping });
}

async function requireTopics(context: RoleContext, kafka: Kafka): Promise<void> {
  const { kafka: settings, policy } = context.config;
  const setup = kafkaSetup(kafka, { ...settings, windowMs: policy.settings.windowMs });
  await requireSetup([setup], { ...context, of: 'kafka' });
}

function warnOfOpenSasl({ config: { kafka }, logger }: RoleContext): void {
  if (kafka.sasl === undefined || kafka.ssl || !kafka.saslWithoutTls) return;
  logger.warn({ event: 'sasl-without-tls' }, 'VF_KAFKA_SASL_WITHOUT_TLS is true: credentials and records cross the network in clear');
}

/**
 * Makes what is missing if `VF_AUTO_SETUP` says so; otherwise refuses to run without it, naming every missing piece. `of` says
 * whose pieces they are, for the error.
 */
async function requireSetup(
  ports: readonly SetupPort[],
  { config, logger, of }: RoleContext & { readonly of: 'kafka' | 'temporal' },
): Promise<void> {
  // What was just made is not asked for again: the brokers' and the server's caches may not know of it yet.
  const found = await setUp(ports, { dryRun: !config.autoSetup });
  const made = found.filter(({ result }) => result === 'made');
  if (made.length > 0) logger.info({ event: 'setup', made: made.map(({ what, name }) => `${what} ${name}`) }, 'made what was missing');
  for (const warning of warningsIn(found))
    logger.warn({ event: 'setup-warning', warning }, 'what is set up endangers records or reads, or cannot be known');
  const shortcoming = shortcomingIn(found);
  if (shortcoming !== undefined) throw new DependencyUnavailableError(of, shortcoming);
}

/** The one producer of the process. Ready unless its last send failed: it connects by itself when there is something to send. */
function openProducer(context: RoleContext, kafka: Kafka): RecordProducer {
  const { lifecycle, logger } = context;
  const events = createProducerEvents(context);
  let failure: string | undefined;
  const producer = createRecordProducer({
    kafka,
    logger,
    events: {
      sent: (send) => {
        failure = undefined;
        events.sent(send);
      },
      sendFailed: (send) => {
        failure = send.error;
        events.sendFailed(send);
      },
    },
  });
  lifecycle.onStop('producer', () => producer.close());
  lifecycle.watch({
    name: 'producer',
    state: () => (failure === undefined ? { ready: true } : { ready: false, reason: `the last send failed: ${failure}` }),
  });
  return producer;
}
