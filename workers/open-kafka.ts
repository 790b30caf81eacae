import type { Kafka } from 'kafkajs';
import type { Config } from '../src/config/config.ts';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import { withAdmin } from '../src/kafka/admin.ts';
import { describeKafkaError } from '../src/kafka/kafka-errors.ts';
import { sleep } from '../src/kafka/system-clock.ts';
import type { Logger } from '../src/observability/logger.ts';
import { kafkaOf } from './kafka-client.ts';

const RETRY_EVERY_MS = 1_000;
const WAITING_LINE_EVERY_MS = 2_000;

export type OpenKafkaOptions = {
  readonly config: Config;
  readonly logger: Logger;
  readonly timeoutMs: number;
  readonly stopping?: AbortSignal;
};

/**
 * A client whose brokers have answered once. While it waits, a line with the addresses is logged every two seconds. Rejects with
 * `DependencyUnavailableError` naming the settings once `timeoutMs` has passed.
 */
export async function openKafka(options: OpenKafkaOptions): Promise<Kafka> {
  const { config, logger, timeoutMs, stopping } = options;
  const kafka = kafkaOf(config, logger);
  const brokers = config.kafka.brokers.join(',');
  const giveUpAtMs = Date.now() + timeoutMs;
  let reason = 'no answer yet';
  // By the clock, not by the try: kafkajs may spend half a minute inside one.
  const visible = setInterval(() => logger.warn({ brokers, reason }, 'waiting for Kafka'), WAITING_LINE_EVERY_MS);
  try {
    for (;;) {
      stopping?.throwIfAborted();
      const error = await knock(kafka, giveUpAtMs);
      if (error === undefined) return kafka;
      reason = describeKafkaError(error);
      if (Date.now() + RETRY_EVERY_MS > giveUpAtMs) {
        throw new DependencyUnavailableError(
          'kafka',
          `no answer from ${brokers} (VF_KAFKA_BROKERS) within ${timeoutMs} ms (VF_STARTUP_TIMEOUT): ${reason}`,
        );
      }
      await sleep(RETRY_EVERY_MS, stopping);
    }
  } finally {
    clearInterval(visible);
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
