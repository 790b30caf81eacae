import { connect as connectTcp, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { type ISocketFactory, type ISocketFactoryArgs, Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import { withTimeout } from '../async/timeout.ts';
import { type Opening, type StartupLimit, untilOpen } from '../async/until-open.ts';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import { hostPortText } from '../contracts/host-port.ts';
import { isLoopback } from '../contracts/loopback.ts';
import { defined } from '../domain/defined.ts';
import { withAdmin } from './admin.ts';
import { describeKafkaError, foreseenBehind } from './errors.ts';
import { boundFetches } from './patches/bounded-fetch.ts';
import { stopIdleTimers } from './patches/idle-timer.ts';
import { keepRefusalTexts } from './patches/refusal-texts.ts';
import { readSeeds, seedText } from './patches/seed-brokers.ts';

/** Where the brokers are and how to log in. */
export type KafkaSettings = {
  readonly brokers: readonly string[];
  /** Looked at anew for each connection, so that its fields may be getters. */
  readonly ssl: boolean | ConnectionOptions;
  /** Secrets in clear; made by `saslOptions`. */
  readonly sasl?: SASLOptions;
  /** SASL may cross the network in clear. Default false. */
  readonly saslWithoutTls?: boolean;
};

type KafkaOptions = KafkaSettings & {
  readonly logger: Logger;
  readonly clientId?: string;
  /** How often kafkajs tries again by itself. Default 5. */
  readonly retries?: number;
  /** For tests that break connections. */
  readonly socketFactory?: ISocketFactory;
};

/**
 * A kafkajs client with the settings this project relies on; it connects only when used. Retries inside kafkajs are short: our
 * own loops wait out long outages, because only they keep the group alive and show what is going on.
 */
export function createKafka(options: KafkaOptions): Kafka {
  const { brokers, ssl, sasl, logger, clientId = 'verdictflow', retries = 5 } = options;
  const mustStayHere = sasl !== undefined && ssl === false && options.saslWithoutTls !== true;
  const socketFactory = options.socketFactory ?? (mustStayHere ? connectHere : undefined);
  stopIdleTimers();
  boundFetches();
  keepRefusalTexts();
  readSeeds();
  return new Kafka({
    brokers: brokers.map(seedText),
    clientId,
    ssl,
    ...defined({ sasl, socketFactory }),
    connectionTimeout: 5000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 2000, retries },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(entry, logger),
  });
}

const KEEP_ALIVE_MS = 60_000;

/** Brokers at loopback may send us on to others, whose addresses nobody has checked: credentials go to none of them in clear. */
function connectHere({ host, port, onConnect }: ISocketFactoryArgs): Socket {
  if (!isLoopback(host)) {
    const remedy = 'set VF_KAFKA_SSL=true, or VF_KAFKA_SASL_WITHOUT_TLS=true to allow it';
    throw new Error(`broker ${hostPortText({ host, port })} is not on this machine, and SASL would reach it without TLS: ${remedy}`);
  }
  return connectTcp({ host, port }, onConnect).setKeepAlive(true, KEEP_ALIVE_MS);
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

/**
 * A client whose brokers have answered once. While it waits, a line with the addresses is logged every two seconds.
 * @throws DependencyUnavailableError with the last reason and the settings that apply, once the limit has passed.
 */
export async function openKafka(options: KafkaSettings & StartupLimit & { logger: Logger; stopping?: AbortSignal }): Promise<Kafka> {
  const { logger } = options;
  const brokers = options.brokers.join(',');
  // It tries each broker once and says why not, because it is this loop that goes on.
  const knocking = createKafka({ ...options, retries: options.brokers.length - 1 });
  const opening: Opening<object> = {
    // A broker may accept a connection and say nothing for long: the limit holds all the same.
    open: async (_attempt, leftMs) =>
      await withTimeout(
        withAdmin(knocking, async (admin) => await admin.describeCluster()),
        leftMs,
      ),
    reasonOf(error) {
      const foreseen = foreseenBehind(error);
      if (foreseen !== undefined) throw foreseen;
      return whyRefused(error, options);
    },
    onWaiting: (reason) => logger.warn({ brokers, reason }, 'waiting for Kafka'),
    inVain: (within, reason) =>
      new DependencyUnavailableError('kafka', `no answer from ${brokers} (VF_KAFKA_BROKERS) ${within}: ${reason}`),
  };
  await untilOpen(opening, options);
  return createKafka(options);
}

/** One line that names the setting to look at. */
export function whyRefused(error: unknown, { ssl }: Pick<KafkaSettings, 'ssl'>): string {
  const reason = describeKafkaError(error);
  // What a broker does that is spoken to in clear where it expects TLS.
  const maybeTls = ssl === false && reason.endsWith('Closed connection');
  return maybeTls ? `${reason}; if it expects TLS, set VF_KAFKA_SSL` : reason;
}
