import { isDeepStrictEqual } from 'node:util';
import { Client, type ConnectionLike, InternalConnectionLikeSymbol } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { LATE } from '../async/timeout.ts';
import { ConfigurationError } from '../contracts/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import { type ConnectOptions, connectTemporal, dataConverterOf, openNative, type TemporalLink } from './connect.ts';
import { describeGrpcError } from './errors.ts';
import { type ConnectionSettings, temporalSettings } from './settings.ts';

/** A link whose credentials may change while it is used. */
export type LiveLink = TemporalLink<NativeConnection> & {
  /** Reads the files of the credentials again and uses what they hold. Never rejects: what cannot be used is logged, once. */
  renew(): Promise<void>;
  /** Called with each connection that takes the place of the last one: a worker must take it over. */
  onExchange(takeOver: (connection: NativeConnection) => void): void;
};

type LiveOptions = ConnectOptions & {
  /** Whether what the files hold now can be used; told at each look. */
  readonly onChecked: (usable: boolean) => void;
};

const RECONNECT_MS = 10_000;

/**
 * A native connection has its certificate for life, so another one takes its place when that changes; an API key is set on
 * the one there is. The client goes with it.
 */
export async function connectLive(options: LiveOptions): Promise<LiveLink> {
  const { logger, onChecked } = options;
  const link = await connectTemporal({ ...options, native: true });
  let used = link.settings;
  let current = link.connection;
  const takers: ((connection: NativeConnection) => void)[] = [];
  const say = sayOnce(logger);

  async function exchange(settings: ConnectionSettings): Promise<void> {
    const next = await openNative(settings, RECONNECT_MS);
    if (next === LATE) throw new Error(`no answer within ${RECONNECT_MS} ms`);
    const last = current;
    current = next;
    for (const takeOver of takers) takeOver(next);
    last
      .close()
      .catch((error: unknown) => logger.warn({ error: describeGrpcError(error) }, 'closing the last connection to Temporal failed'));
  }

  async function use(settings: ConnectionSettings): Promise<void> {
    const { apiKey, metadata, ...rest } = settings;
    const { apiKey: lastKey, metadata: lastMetadata, ...lastRest } = used;
    const inPlace =
      isDeepStrictEqual(rest, lastRest) && isDeepStrictEqual(metadata, lastMetadata) && apiKey !== undefined && lastKey !== undefined;
    if (inPlace) await current.setApiKey(apiKey);
    else await exchange(settings);
    used = settings;
    logger.info({ event: 'credentials-read', variables: ['TEMPORAL_*'] }, 'credentials for Temporal have changed; the new ones are used');
  }

  return {
    client: new Client({ connection: following(() => current), namespace: link.namespace, ...dataConverterOf(options) }),
    get connection() {
      return current;
    },
    namespace: link.namespace,
    address: link.address,
    get settings() {
      return used;
    },
    close: () => current.close(),
    onExchange: (takeOver) => void takers.push(takeOver),
    async renew() {
      try {
        const settings = temporalSettings(options).connectionOptions;
        if (!isDeepStrictEqual(settings, used)) await use(settings);
        say([]);
        onChecked(true);
      } catch (error) {
        say(error instanceof ConfigurationError ? error.problems : [describeGrpcError(error)]);
        onChecked(false);
      }
    },
  };
}

/** The same trouble every few seconds is one line. */
function sayOnce(logger: Logger): (problems: readonly string[]) => void {
  let last: readonly string[] = [];
  return (problems) => {
    if (problems.length > 0 && !isDeepStrictEqual(problems, last))
      logger.warn(
        { event: 'credentials-unusable', variables: ['TEMPORAL_*'], problems },
        'new credentials for Temporal cannot be used; the old ones stay',
      );
    last = problems;
  };
}

/** What a client holds on to, while the connection behind it changes. Only native ones can request eager starts. */
function following(current: () => NativeConnection): ConnectionLike {
  const followed: ConnectionLike = {
    get workflowService() {
      return current().workflowService;
    },
    get operatorService() {
      return current().operatorService;
    },
    plugins: [],
    close: () => current().close(),
    ensureConnected: () => current().ensureConnected(),
    withDeadline: (deadline, fn) => current().withDeadline(deadline, fn),
    withMetadata: (metadata, fn) => current().withMetadata(metadata, fn),
    withAbortSignal: (signal, fn) => current().withAbortSignal(signal, fn),
  };
  return Object.assign(followed, { [InternalConnectionLikeSymbol]: { supportsEagerStart: true } });
}
