import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { LATE, withTimeout } from '../async/timeout.ts';
import { type Opening, type StartupLimit, untilOpen } from '../async/until-open.ts';
import { ConfigurationError } from '../contracts/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import { defined } from '../domain/defined.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, unavailable } from './errors.ts';
import { namespaceRetentionMs } from './namespace.ts';
import { whyUnreachable } from './why-unreachable.ts';

/** The first attempt gets this long and each further one as much more, for slow networks, up to the longest. */
const ATTEMPT_STEP_MS = 2_000;
const LONGEST_ATTEMPT_MS = 10_000;
/** With the deadlines of the callers, a request gives up well before Kafka takes the ingress that waits for it for dead. */
const MAX_RPC_ATTEMPTS = 4;

type ConnectOptions = StartupLimit & {
  readonly logger: Logger;
  /** Ends the wait for the server early. */
  readonly stopping?: AbortSignal;
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
  const connection = await untilOpen(openingOf(config, { ...options, address }), options);
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
    const connectionOptions = { ...config.connectionOptions, ...defined(over.connectionOptions) };
    const namespace = over.namespace ?? config.namespace;
    return namespace === undefined ? { connectionOptions } : { connectionOptions, namespace };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw new ConfigurationError([`TEMPORAL_*: ${why}; see the environment configuration of the Temporal SDKs`]);
  }
}

function openingOf(
  config: ClientConnectConfig,
  { native, address, logger }: Pick<ConnectOptions, 'logger'> & { readonly native: boolean; readonly address: string },
): Opening<Connection | NativeConnection> {
  return {
    open: async (attempt, leftMs) => {
      const timeoutMs = Math.min(ATTEMPT_STEP_MS * attempt, LONGEST_ATTEMPT_MS, leftMs);
      return await (native ? openNative(config, timeoutMs) : open(config, timeoutMs));
    },
    reasonOf(error) {
      const code = grpcCode(error);
      if (code === GRPC_CODES.PERMISSION_DENIED || code === GRPC_CODES.UNAUTHENTICATED) {
        throw unavailable(`${address} refuses the credentials (TEMPORAL_API_KEY, TEMPORAL_TLS_*)`, error);
      }
      return describeGrpcError(error);
    },
    onWaiting: (reason) => logger.warn({ address, reason }, 'waiting for Temporal'),
    async inVain(within) {
      const why = await whyUnreachable(address, config.connectionOptions);
      return unavailable(`no answer from ${address} (TEMPORAL_ADDRESS) ${within}: ${why}`, undefined);
    },
  };
}

async function open({ connectionOptions }: ClientConnectConfig, timeoutMs: number): Promise<Connection> {
  const { address, tls, apiKey, metadata } = connectionOptions;
  return await Connection.connect({
    ...defined({ address, tls, apiKey, metadata }),
    connectTimeout: timeoutMs,
    // As the native connection: `https_proxy` is the vendor's.
    channelArgs: { 'grpc.enable_http_proxy': 0 },
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: MAX_RPC_ATTEMPTS }))],
  });
}

/** A native connection attempt has no time-out of its own; one that succeeds too late is closed. */
async function openNative({ connectionOptions }: ClientConnectConfig, timeoutMs: number): Promise<NativeConnection | typeof LATE> {
  const connecting = NativeConnection.connect(connectionOptions);
  const connection = await withTimeout(connecting, timeoutMs);
  if (connection === LATE) {
    connecting.then(
      (late) => late.close(),
      () => undefined, // nobody waits for it any more
    );
  }
  return connection;
}

async function assertNamespace(connection: Connection | NativeConnection, namespace: string): Promise<void> {
  if ((await namespaceRetentionMs(connection, namespace)) === undefined) {
    throw unavailable(`namespace "${namespace}" (TEMPORAL_NAMESPACE) does not exist: run \`verdictflow setup\``, undefined);
  }
}
