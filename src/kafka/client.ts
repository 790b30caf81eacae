import { type ISocketFactory, Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import type { Logger } from '../observability/logger.ts';
import { stopIdleTimers } from './idle-timer-patch.ts';

export type KafkaOptions = {
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
