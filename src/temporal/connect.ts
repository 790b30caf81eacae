import { LATE, withTimeout } from '../async/timeout.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { defined } from '../domain/defined.ts';
import { ConfigurationError, withinText } from '../contracts/errors.ts';
import type { Logger } from '../observability/logger.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, unavailable } from './errors.ts';
import { namespaceRetentionMs } from './namespace.ts';
import { whyUnreachable } from './why-unreachable.ts';

/** The first attempt gets this long and each further one as much more, for slow networks, up to the longest. */
const ATTEMPT_STEP_MS = 2_000;
const LONGEST_ATTEMPT_MS = 10_000;
const RETRY_EVERY_MS = 2_000;
/** With the deadlines of the callers: a call gives up well before kafkajs's session timeout of 30 s. */
const MAX_RPC_ATTEMPTS = 4;

export type ConnectOptions = {
  readonly logger: Logger;
  /** How long to wait for the server before giving up. */
  readonly startupTimeoutMs: number;
  /** The setting that gave this limit, for the error; absent: it is nobody's to change. */
  readonly limitSetting?: string;
  /** False for `setup`, which makes the namespace. Default true. */
  readonly requireNamespace?: boolean;
  /** Settings over those of the environment and the `temporal.toml` of envconfig, e.g. `TEMPORAL_ADDRESS`. */
  readonly overrides?: Readonly<Record<string, string>>;
};

export type TemporalLink<C extends Connection | NativeConnection> = {
  readonly client: Client;
  readonly connection: C;
  readonly namespace: string;
  readonly address: string;
  close(): Promise<void>;
};

/**
 * Connects as envconfig says (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, profiles),
 * retrying visibly until the server answers. `native: true` gives the connection that a worker needs; only a client over
 * it can request eager starts.
 * @throws ConfigurationError when envconfig refuses the settings.
 * @throws DependencyUnavailableError after `startupTimeoutMs`, on refused credentials, or when the namespace is absent.
 */
export function connectTemporal(options: ConnectOptions & { native: true }): Promise<TemporalLink<NativeConnection>>;
export function connectTemporal(options: ConnectOptions & { native: false }): Promise<TemporalLink<Connection>>;
export async function connectTemporal(options: ConnectOptions & { native: boolean }): Promise<TemporalLink<Connection | NativeConnection>> {
  const config = loadSettings(options.overrides);
  const address = config.connectionOptions.address ?? 'localhost:7233';
  const namespace = config.namespace ?? 'default';
  const waiting = {
    ...options,
    address,
    why: () => whyUnreachable(address, config.connectionOptions),
    giveUpAtMs: Date.now() + options.startupTimeoutMs,
  };
  const connection = await untilConnected((timeoutMs) => open(config, { native: options.native, timeoutMs }), waiting);
  try {
    if (options.requireNamespace !== false) {
      await assertNamespace(connection, namespace);
    }
  } catch (error) {
    await connection.close();
    throw error;
  }
  const client = new Client({ connection, namespace });
  return { client, connection, namespace, address, close: () => connection.close() };
}

function loadSettings(overrides: Readonly<Record<string, string>> = {}): ClientConnectConfig {
  try {
    const config = loadClientConnectConfig();
    if (Object.keys(overrides).length === 0) {
      return config;
    }
    const over = loadClientConnectConfig({ disableFile: true, overrideEnvVars: { ...overrides } });
    const connectionOptions = { ...config.connectionOptions, ...withoutAbsent(over.connectionOptions) };
    const namespace = over.namespace ?? config.namespace;
    return namespace === undefined ? { connectionOptions } : { connectionOptions, namespace };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw new ConfigurationError([`TEMPORAL_*: ${why}; see the environment configuration of the Temporal SDKs`]);
  }
}

function withoutAbsent(settings: ClientConnectConfig['connectionOptions']): ClientConnectConfig['connectionOptions'] {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function open(config: ClientConnectConfig, how: { native: boolean; timeoutMs: number }): Promise<Connection | NativeConnection> {
  if (how.native) {
    return within(NativeConnection.connect(config.connectionOptions), how.timeoutMs);
  }
  const { address, tls, apiKey, metadata } = config.connectionOptions;
  return Connection.connect({
    ...defined({ address, tls, apiKey, metadata }),
    connectTimeout: how.timeoutMs,
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: MAX_RPC_ATTEMPTS }))],
  });
}

/** A native connection attempt has no time-out of its own; one that succeeds too late is closed. */
async function within(connecting: Promise<NativeConnection>, timeoutMs: number): Promise<NativeConnection> {
  const connection = await withTimeout(connecting, timeoutMs);
  if (connection !== LATE) return connection;
  connecting.then(
    (late) => late.close(),
    () => undefined, // the time-out is what is reported
  );
  throw new Error(`no connection within ${timeoutMs} ms`);
}

type Waiting = Pick<ConnectOptions, 'logger' | 'startupTimeoutMs' | 'limitSetting'> & {
  readonly address: string;
  readonly giveUpAtMs: number;
  readonly why: () => Promise<string>;
};

async function untilConnected<C>(connect: (timeoutMs: number) => Promise<C>, waiting: Waiting): Promise<C> {
  for (let attempt = 1; ; attempt += 1) {
    const beganAtMs = Date.now();
    const leftMs = Math.max(1, waiting.giveUpAtMs - beganAtMs);
    try {
      return await connect(Math.min(ATTEMPT_STEP_MS * attempt, LONGEST_ATTEMPT_MS, leftMs));
    } catch (error) {
      await assertWorthWaiting(error, waiting);
      waiting.logger.warn({ address: waiting.address, reason: describeGrpcError(error) }, 'waiting for Temporal');
    }
    await sleep(Math.max(0, Math.min(beganAtMs + RETRY_EVERY_MS, waiting.giveUpAtMs) - Date.now()));
  }
}

async function assertWorthWaiting(error: unknown, waiting: Waiting): Promise<void> {
  const code = grpcCode(error);
  if (code === GRPC_CODES.PERMISSION_DENIED || code === GRPC_CODES.UNAUTHENTICATED) {
    throw unavailable(`${waiting.address} refuses the credentials (TEMPORAL_API_KEY, TEMPORAL_TLS_*)`, error);
  }
  if (Date.now() >= waiting.giveUpAtMs) {
    const within = withinText(waiting.startupTimeoutMs, waiting.limitSetting);
    throw unavailable(`no answer from ${waiting.address} (TEMPORAL_ADDRESS) ${within}: ${await waiting.why()}`, error);
  }
}

async function assertNamespace(connection: Connection | NativeConnection, namespace: string): Promise<void> {
  if ((await namespaceRetentionMs(connection, namespace)) === undefined) {
    throw unavailable(`namespace "${namespace}" (TEMPORAL_NAMESPACE) does not exist: run \`verdictflow setup\``, undefined);
  }
}
