import { exhausted } from '../src/domain/exhaustive.ts';
import { whenAborted } from '../src/async/abort.ts';
import type { LogLevel } from '../src/config/env-service.ts';
import { isNotFound, REFUSES_CREDENTIALS, refusesCredentials } from '../src/temporal/errors.ts';
import { connectLive, type LiveLink } from '../src/temporal/live-link.ts';
import { installRuntime } from '../src/temporal/runtime.ts';
import { whyUnreachable } from '../src/temporal/why-unreachable.ts';
import type { RoleContext } from './context.ts';
import { payloadCodecOf, startupLimitOf, temporalSourceOf } from './settings.ts';

const PROBE_EVERY_MS = 5_000;
const PROBE_DEADLINE_MS = 3_000;

/**
 * The one connection of the process, for client and worker alike (eager starts need that). The namespace may be absent
 * yet, because `requireSetup` looks for it afterwards. Rejects with `DependencyUnavailableError` after the start-up limit.
 */
export async function openTemporal(context: RoleContext): Promise<LiveLink> {
  const { config, live, logger, lifecycle, metrics, exposed } = context;
  const coreMetrics = await installRuntime({ logger, level: temporalLevel(config.logLevel) });
  exposed.push(async () => await coreMetrics.read());
  const link = await connectLive({
    logger,
    codec: payloadCodecOf(live),
    ...temporalSourceOf(() => {
      live.refresh();
      return live.current();
    }),
    ...startupLimitOf(config),
    stopping: lifecycle.stopping,
    requireNamespace: false,
    onChecked: (usable) => metrics.credentialsUnusable.set({ variables: 'TEMPORAL_*' }, usable ? 0 : 1),
  });
  lifecycle.onStop('temporal', () => link.close());
  watchConnection(link, context);
  return link;
}

/**
 * Every few seconds credentials are renewed, if their files have changed, and readiness follows a light request that needs
 * them: `getSystemInfo` is answered without.
 */
function watchConnection(link: LiveLink, { lifecycle, logger }: RoleContext): void {
  let trouble: string | undefined;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    await link.renew();
    const before = trouble;
    trouble = await troubleWith(link);
    looking = false;
    if (trouble !== undefined && before === undefined)
      logger.warn({ event: 'temporal-away', reason: trouble }, 'Temporal does not serve; work waits');
    if (trouble === undefined && before !== undefined) logger.info({ event: 'temporal-back' }, 'Temporal serves again');
  };
  const timer = setInterval(() => void look(), PROBE_EVERY_MS);
  timer.unref();
  whenAborted(lifecycle.stopping, () => clearInterval(timer));
  lifecycle.watch({ name: 'temporal', state: () => (trouble === undefined ? { ready: true } : { ready: false, reason: trouble }) });
}

/** Undefined if the server answers; that the namespace is not there is an answer, too. */
async function troubleWith({ connection, namespace, address, settings }: LiveLink): Promise<string | undefined> {
  try {
    await connection.withDeadline(Date.now() + PROBE_DEADLINE_MS, () => connection.workflowService.describeNamespace({ namespace }));
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (refusesCredentials(error)) return `${address} ${REFUSES_CREDENTIALS}`;
    return `no answer from ${address} (TEMPORAL_ADDRESS): ${await whyUnreachable(address, settings)}`;
  }
}

function temporalLevel(level: LogLevel): 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' {
  switch (level) {
    case 'debug':
      return 'DEBUG';
    case 'info':
      return 'INFO';
    case 'warn':
      return 'WARN';
    case 'error':
      return 'ERROR';
    default:
      return exhausted(level);
  }
}
