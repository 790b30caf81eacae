import { Registry } from 'prom-client';
import { type LiveConfig, openLiveConfig } from '../src/config/live-config.ts';
import type { ProcessRole } from '../src/config/roles.ts';
import { ConfigurationError, EXIT_CODES, exitCodeOf, messageOf, systemCode } from '../src/contracts/errors.ts';
import { startAdminServer } from '../src/observability/admin-server.ts';
import { defineMetrics } from '../src/observability/metrics.ts';
import { collectProcessMetrics } from '../src/observability/process-metrics.ts';
import { createLogger } from '../src/observability/pino-logger.ts';
import { type Component, readinessOf } from '../src/observability/readiness.ts';
import { refuseUnsilencedTracing } from '../src/tracing/untraced.ts';
import type { RoleContext, RoleStarter } from './context.ts';
import { createLifecycle } from './lifecycle.ts';
import { firstSignal } from './signals.ts';

type RunRoleOptions = {
  readonly env: NodeJS.ProcessEnv;
  /** Loaded only once the configuration is known to be sound. */
  readonly starter: () => Promise<RoleStarter>;
  readonly source: Pick<NodeJS.Process, 'on'>;
  readonly forceExit: (code: number) => void;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
};

/** Runs one role until a signal or a failure ends it, and returns the exit code. Never throws. */
export async function runRole(role: ProcessRole, options: RunRoleOptions): Promise<number> {
  let live: LiveConfig;
  try {
    refuseUnsilencedTracing();
    live = openLiveConfig(options.env, { role });
  } catch (error) {
    options.stderr(`verdictflow ${role}: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
  const config = live.current();
  const logger = createLogger({ level: config.logLevel, base: { role, pid: process.pid } });
  const registry = new Registry();
  const lifecycle = createLifecycle({ logger, phaseLimitMs: config.shutdownTimeoutMs });
  const metrics = defineMetrics(registry);
  const context: RoleContext = { config, live, logger, metrics, lifecycle, exposed: [] };
  collectProcessMetrics(registry);
  const onChecked = (usable: boolean): void => metrics.credentialsUnusable.set({ variables: 'VF_*' }, usable ? 0 : 1);
  onChecked(true);
  live.watch({ logger, onChecked });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    options.source.on(event, (error: unknown) => {
      logger.error({ event: 'defect', err: error, origin: event }, 'unforeseen error');
      lifecycle.fail(error);
    });
  }
  const signal = firstSignal(options).then((name) => logger.info({ event: 'stopping', signal: name }, 'stopping'));
  const code = await serveUntil(signal, { context, registry, options });
  live.stop();
  const failures = await lifecycle.stop();
  logger.info({ event: 'stopped', failures: failures.map(({ phase }) => phase) }, 'stopped');
  return code === EXIT_CODES.ok && failures.length > 0 ? EXIT_CODES.internal : code;
}

type Parts = { readonly context: RoleContext; readonly registry: Registry; readonly options: RunRoleOptions };

async function serveUntil(signal: Promise<void>, parts: Parts): Promise<number> {
  const { logger, lifecycle } = parts.context;
  try {
    const starting = start(parts);
    // After a signal nobody waits for the start any more; its failure is then no news.
    starting.catch(() => undefined);
    await Promise.race([starting, signal, lifecycle.failed]);
    await Promise.race([signal, lifecycle.failed]);
    return EXIT_CODES.ok;
  } catch (error) {
    const exitCode = exitCodeOf(error);
    const problems = error instanceof ConfigurationError ? { problems: error.problems } : {};
    const details = exitCode === EXIT_CODES.internal ? { err: error } : {};
    logger.error({ event: 'fatal', exitCode, ...problems, ...details }, messageOf(error));
    parts.options.stderr(`verdictflow ${parts.context.config.role}: ${messageOf(error)}\n`);
    return exitCode;
  }
}

async function start({ context, registry, options }: Parts): Promise<void> {
  const { config, lifecycle } = context;
  const admin = await openAdmin(context, registry);
  lifecycle.onStop('admin', () => admin.close());
  const starter = await options.starter();
  const fields = await starter(context);
  lifecycle.stopping.throwIfAborted();
  // Not through the logger: whoever waits for this line must get it at any log level.
  options.stdout(`${JSON.stringify({ event: 'ready', role: config.role, adminPort: admin.port, ...fields })}\n`);
}

const HOST_AT_FAULT: readonly string[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'];

async function openAdmin({ config, lifecycle, logger, metrics, exposed }: RoleContext, registry: Registry) {
  const { adminHost: host, adminPort: port } = config;
  const onScrape = (components: readonly Component[]): void => {
    for (const [component, state] of Object.entries(readinessOf(components).components))
      metrics.ready.set({ component }, state.ready ? 1 : 0);
  };
  try {
    return await startAdminServer({ host, port, registry, exposed, components: () => lifecycle.components(), onScrape, logger });
  } catch (error) {
    const code = systemCode(error) ?? 'unknown error';
    throw new ConfigurationError([
      HOST_AT_FAULT.includes(code)
        ? `VF_ADMIN_HOST: this machine has no address ${host} (${code}); use 0.0.0.0, :: or 127.0.0.1`
        : `VF_ADMIN_PORT: port ${port} cannot be opened (${code}); choose another one, or 0 for any`,
    ]);
  }
}
