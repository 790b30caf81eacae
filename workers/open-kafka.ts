import type { Kafka } from 'kafkajs';
import type { Config } from '../src/config/config.ts';
import { DependencyUnavailableError, withinText } from '../src/contracts/errors.ts';
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
 * `DependencyUnavailableError` naming the last reason, and the settings that apply, once `timeoutMs` has passed.
 */
export async function openKafka(options: OpenKafkaOptions): Promise<Kafka> {
  const { config, logger, timeoutMs, stopping } = options;
  // Tries each broker once and says why not: our own loop goes on.
  const knocking = kafkaOf(config, logger, { retries: config.kafka.brokers.length - 1 });
  const within = withinText(timeoutMs, timeoutMs < config.startupTimeoutMs ? undefined : 'VF_STARTUP_TIMEOUT');
  const brokers = config.kafka.brokers.join(',');
  const giveUpAtMs = Date.now() + timeoutMs;
  let reason = 'neither an answer nor a refusal came';
  // By the clock, not by the try: kafkajs may spend half a minute inside one.
  const visible = setInterval(() => logger.warn({ brokers, reason }, 'waiting for Kafka'), WAITING_LINE_EVERY_MS);
  try {
    for (;;) {
      stopping?.throwIfAborted();
      const knocked = await knock(knocking, giveUpAtMs);
      if (knocked === 'OPEN') return kafkaOf(config, logger);
      if (knocked !== 'LATE') reason = describeKafkaError(knocked.error);
      if (Date.now() >= giveUpAtMs) {
        throw new DependencyUnavailableError('kafka', `no answer from ${brokers} (VF_KAFKA_BROKERS) ${within}: ${reason}`);
      }
      await sleep(Math.max(1, Math.min(RETRY_EVERY_MS, giveUpAtMs - Date.now())), stopping);
    }
  } finally {
    clearInterval(visible);
  }
}

type Knocked = 'OPEN' | 'LATE' | { readonly error: unknown };

/** Whether the brokers answer. A broker may accept a connection and say nothing for long: the limit holds all the same. */
async function knock(kafka: Kafka, giveUpAtMs: number): Promise<Knocked> {
  const tried = withAdmin(kafka, async (admin) => await admin.describeCluster()).then(
    (): Knocked => 'OPEN',
    (error: unknown): Knocked => ({ error }),
  );
  const limit = new AbortController();
  const late = sleep(Math.max(1, giveUpAtMs - Date.now()), limit.signal).then((): Knocked => 'LATE');
  const outcome = await Promise.race([tried, late]);
  limit.abort();
  return outcome;
}
