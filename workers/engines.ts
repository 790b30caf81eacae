import type { NativeConnection } from '@temporalio/worker';
import type { RecordProducer } from '../src/kafka/outcome-producer.ts';
import type { TemporalLink } from '../src/temporal/connect.ts';
import type { RoleContext } from './context.ts';
import { kafkaSetup } from './kafka-setup.ts';
import { openKafka } from './open-kafka.ts';
import { openProducer } from './open-producer.ts';
import { openTemporal } from './open-temporal.ts';
import { requireSetup } from './require-setup.ts';
import { temporalSetup } from './temporal-setup.ts';
import type { Kafka } from 'kafkajs';

/** What ingress and worker stand on; one of each per process. */
export type Engines = { readonly kafka: Kafka; readonly link: TemporalLink<NativeConnection>; readonly producer: RecordProducer };

/** Waits for Kafka and Temporal side by side, and for everything in them that the service needs. */
export async function openEngines(context: RoleContext): Promise<Engines> {
  const { config, logger, lifecycle } = context;
  const [kafka, link] = await Promise.all([
    openKafka({ config, logger, timeoutMs: config.startupTimeoutMs, stopping: lifecycle.stopping }),
    openTemporal(context),
  ]);
  lifecycle.stopping.throwIfAborted();
  await requireSetup([kafkaSetup(kafka, config.kafka)], { ...context, of: 'kafka' });
  const { connection, namespace } = link;
  await requireSetup(temporalSetup({ connection, namespace, retentionMs: config.temporal.retentionMs }), { ...context, of: 'temporal' });
  return { kafka, link, producer: openProducer(context, kafka) };
}
