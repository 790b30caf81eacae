import { DefaultLogger, type LogLevel, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { exhausted } from '../domain/exhaustive.ts';
import type { Logger } from '../observability/logger.ts';

export type RuntimeSettings = {
  readonly logger: Logger;
  readonly level?: LogLevel;
  /** `host:port` on which Temporal's own Prometheus metrics are served; absent: none. */
  readonly metricsAddress?: string;
};

/**
 * Installs the process-wide Temporal runtime; call it once, before any worker or native connection. Signals stay with the
 * composition root, which stops ingress before the worker.
 */
export function installRuntime(settings: RuntimeSettings): void {
  const { logger, level = 'INFO', metricsAddress } = settings;
  Runtime.install({
    logger: new DefaultLogger(level, (entry) => write(logger, entry)),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
}

type Entry = { readonly level: LogLevel; readonly message: string; readonly meta?: object };

function write(logger: Logger, entry: Entry): void {
  const fields = { ...entry.meta, component: 'temporal' };
  switch (entry.level) {
    case 'TRACE':
    case 'DEBUG':
      return logger.debug(fields, entry.message);
    case 'INFO':
      return logger.info(fields, entry.message);
    case 'WARN':
      return logger.warn(fields, entry.message);
    case 'ERROR':
      return logger.error(fields, entry.message);
    default:
      return exhausted(entry.level);
  }
}
