import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { LATE, withTimeout } from '../async/timeout.ts';
import { type Opening, type StartupLimit, untilOpen } from '../async/until-open.ts';
import type { Logger } from '../contracts/logger.ts';
import { defined } from '../domain/defined.ts';
import { describeGrpcError, REFUSES_CREDENTIALS, refusesCredentials, unavailable } from './errors.ts';
import { namespaceRetentionMs } from './namespace.ts';
import { createPayloadCodec, NO_PAYLOAD_KEYS } from './payload-codec.ts';
import { type ConnectionSettings, type SettingsSource, temporalSettings } from './settings.ts';
import { whyUnreachable } from './why-unreachable.ts';

/** The first attempt gets this long and each further one as much more, for slow networks, up to the longest. */
const ATTEMPT_STEP_MS = 2_000;
const LONGEST_ATTEMPT_MS = 10_000;
/** With the deadlines of the callers, a request gives up well before Kafka takes the ingress that waits for it for dead. */
const MAX_RPC_ATTEMPTS = 4;

export type ConnectOptions = StartupLimit &
  SettingsSource & {
    readonly logger: Logger;
    /** Default: one that encrypts nothing and decrypts nothing. */
    readonly codec?: PayloadCodec;
    /** Ends the wait for the server early. */
    readonly stopping?: AbortSignal;
    /** False for `setup`, which makes the namespace. Default true. */
    readonly requireNamespace?: boolean;
  };

export type TemporalLink<C extends Connection | NativeConnection> = {
  readonly client: Client;
  readonly connection: C;
  readonly namespace: string;
  readonly address: string;
  /** What it was opened with. */
  readonly settings: ConnectionSettings;
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
  const { connectionOptions, namespace = 'default' } = temporalSettings(options);
  const address = connectionOptions.address ?? 'localhost:7233';
  const { connection, settings } = await untilOpen(openingOf({ ...options, address }), options);
  try {
    if (options.requireNamespace !== false) {
      await assertNamespace(connection, namespace);
    }
  } catch (error) {
    await connection.close();
    throw error;
  }
  const client = new Client({ connection, namespace, ...dataConverterOf(options) });
  return { client, connection, namespace, address, settings, close: () => connection.close() };
}

/** A client without keys has a codec as well: what it cannot decrypt it then refuses by name. */
export function dataConverterOf({ codec = PLAIN }: { readonly codec?: PayloadCodec }) {
  return { dataConverter: { payloadCodecs: [codec] } };
}

const PLAIN = createPayloadCodec({ current: () => NO_PAYLOAD_KEYS });

type Opened = { readonly connection: Connection | NativeConnection; readonly settings: ConnectionSettings };

function openingOf(options: ConnectOptions & { readonly native: boolean; readonly address: string }): Opening<Opened> {
  const { native, address, logger } = options;
  return {
    open: async (attempt, leftMs) => {
      // Each time anew: a file may be mended while this waits.
      const settings = temporalSettings(options).connectionOptions;
      const timeoutMs = Math.min(ATTEMPT_STEP_MS * attempt, LONGEST_ATTEMPT_MS, leftMs);
      const connection = await (native ? openNative(settings, timeoutMs) : open(settings, timeoutMs));
      return connection === LATE ? LATE : { connection, settings };
    },
    reasonOf(error) {
      if (refusesCredentials(error)) {
        throw unavailable(`${address} ${REFUSES_CREDENTIALS}`, error);
      }
      return describeGrpcError(error);
    },
    onWaiting: (reason) => logger.warn({ address, reason }, 'waiting for Temporal'),
    async inVain(within) {
      const why = await whyUnreachable(address, temporalSettings(options).connectionOptions);
      return unavailable(`no answer from ${address} (TEMPORAL_ADDRESS) ${within}: ${why}`, undefined);
    },
  };
}

async function open({ address, tls, apiKey, metadata }: ConnectionSettings, timeoutMs: number): Promise<Connection> {
  return await Connection.connect({
    ...defined({ address, tls, apiKey, metadata }),
    connectTimeout: timeoutMs,
    // As the native connection: `https_proxy` is the vendor's.
    channelArgs: { 'grpc.enable_http_proxy': 0 },
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: MAX_RPC_ATTEMPTS }))],
  });
}

/** Some kilobytes are packed and unpacked for more processor time than they cost on the way (docs/performance.md); grpc-js packs nothing. */
const UNCOMPRESSED = { grpcCompression: { codec: 'none' } } as const;

/** A native connection attempt has no time-out of its own; one that succeeds too late is closed. */
export async function openNative(settings: ConnectionSettings, timeoutMs: number): Promise<NativeConnection | typeof LATE> {
  // The command line needs none, and starts in half the time without what else that package brings.
  const { NativeConnection: Native } = await import('@temporalio/worker');
  const connecting = Native.connect({ ...settings, ...UNCOMPRESSED });
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
