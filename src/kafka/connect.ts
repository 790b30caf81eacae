import { type ISocketFactory, Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import { sleep } from '../async/sleep.ts';
import { LATE, withTimeout } from '../async/timeout.ts';
import type { Config } from '../config/config.ts';
import { DependencyUnavailableError, withinText } from '../contracts/errors.ts';
import type { Logger } from '../observability/logger.ts';
import { withAdmin } from './admin.ts';
import { describeKafkaError } from './errors.ts';
import { stopIdleTimers } from './patches/idle-timer.ts';

type KafkaOptions = {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: boolean;
  readonly sasl?: SASLOptions;
  readonly logger: Logger;
  /** How often kafkajs tries again by itself. Default 5. */
  readonly retries?: number;
  /** For tests that break connections. */
  readonly socketFactory?: ISocketFactory;
};

/**
 * A kafkajs client with the settings this project relies on. Retries inside kafkajs are short: our own loops wait out
 * long outages, because only they keep the group alive and show what is going on.
 */
export function createKafka(options: KafkaOptions): Kafka {
  stopIdleTimers();
  return new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    ssl: options.ssl,
    ...(options.sasl ? { sasl: options.sasl } : {}),
    ...(options.socketFactory ? { socketFactory: options.socketFactory } : {}),
    connectionTimeout: 5000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 2000, retries: options.retries ?? 5 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(entry, options.logger),
  });
}

/** Only these fields of a kafkajs log line are passed on; the others are long or unknown. */
const FIELDS = [
  'groupId',
  'memberId',
  'topic',
  'partition',
  'broker',
  'error',
  'retryCount',
  'retryTime',
  'memberAssignment',
  'isLeader',
] as const;

function forward({ namespace, level, log }: LogEntry, logger: Logger): void {
  const known = FIELDS.flatMap((name) =>
    typeof log[name] === 'object' && name === 'error' ? [] : log[name] === undefined ? [] : [[name, log[name]] as const],
  );
  const fields = { component: 'kafkajs', namespace, ...Object.fromEntries(known) };
  // kafkajs calls every retried condition an error; what needs action is reported by our own events.
  if (level <= logLevel.WARN) logger.warn(fields, log.message);
  else logger.debug(fields, log.message);
}

const CLIENT_ID = 'verdictflow';

/** A client with the configured brokers and credentials. It connects only when used. */
function kafkaOf({ kafka }: Config, logger: Logger, options: { readonly retries?: number } = {}): Kafka {
  const { brokers, ssl, sasl } = kafka;
  return createKafka({
    brokers,
    clientId: CLIENT_ID,
    ssl,
    ...(sasl === undefined ? {} : { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() } }),
    logger,
    ...options,
  });
}

const RETRY_EVERY_MS = 1_000;
const WAITING_LINE_EVERY_MS = 2_000;

type OpenKafkaOptions = {
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
      if (knocked !== LATE) reason = describeKafkaError(knocked.error);
      if (Date.now() >= giveUpAtMs) {
        throw new DependencyUnavailableError('kafka', `no answer from ${brokers} (VF_KAFKA_BROKERS) ${within}: ${reason}`);
      }
      await sleep(Math.max(1, Math.min(RETRY_EVERY_MS, giveUpAtMs - Date.now())), stopping);
    }
  } finally {
    clearInterval(visible);
  }
}

type Knocked = 'OPEN' | typeof LATE | { readonly error: unknown };

/** Whether the brokers answer. A broker may accept a connection and say nothing for long: the limit holds all the same. */
async function knock(kafka: Kafka, giveUpAtMs: number): Promise<Knocked> {
  const tried = withAdmin(kafka, async (admin) => await admin.describeCluster()).then(
    (): Knocked => 'OPEN',
    (error: unknown): Knocked => ({ error }),
  );
  return await withTimeout(tried, Math.max(1, giveUpAtMs - Date.now()));
}
