import type { Kafka } from 'kafkajs';
import type { Config } from '../src/config/config.ts';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import { withAdmin } from '../src/kafka/admin.ts';
import { describeKafkaError } from '../src/kafka/kafka-errors.ts';
import { sleep } from '../src/kafka/system-clock.ts';
import type { Logger } from '../src/observability/logger.ts';
import { kafkaOf } from './kafka-client.ts';

const RETRY_EVERY_MS = 2_000;

export type OpenKafkaOptions = {
  readonly config: Config;
  readonly logger: Logger;
  readonly timeoutMs: number;
  readonly stopping?: AbortSignal;
};

/**
 * A client whose brokers have answered once. Every failed try is logged with the addresses. Rejects with
 * `DependencyUnavailableError` naming the settings once `timeoutMs` has passed.
 */
export async function openKafka(options: OpenKafkaOptions): Promise<Kafka> {
  const { config, logger, timeoutMs, stopping } = options;
  const kafka = kafkaOf(config, logger);
  const brokers = config.kafka.brokers.join(',');
  const giveUpAtMs = Date.now() + timeoutMs;
  for (;;) {
    stopping?.throwIfAborted();
    const error = await knock(kafka, giveUpAtMs);
    if (error === undefined) return kafka;
    if (Date.now() + RETRY_EVERY_MS > giveUpAtMs) {
      throw new DependencyUnavailableError(
        'kafka',
        `no answer from ${brokers} (VF_KAFKA_BROKERS) within ${timeoutMs} ms (VF_STARTUP_TIMEOUT): ${describeKafkaError(error)}`,
      );
    }
    logger.warn({ brokers, reason: describeKafkaError(error) }, 'waiting for Kafka');
    await sleep(RETRY_EVERY_MS, stopping);
  }
}

/** Undefined if the brokers answer. kafkajs retries inside for a while: the limit holds all the same. */
async function knock(kafka: Kafka, giveUpAtMs: number): Promise<unknown> {
  const tried = withAdmin(kafka, async (admin) => await admin.describeCluster()).then(
    () => undefined,
    (error: unknown) => error ?? new Error('unknown error'),
  );
  const limit = new AbortController();
  const late = sleep(Math.max(1, giveUpAtMs - Date.now()), limit.signal).then(() => new Error('no answer yet'));
  const outcome = await Promise.race([tried, late]);
  limit.abort();
  return outcome;
}
