import { DefaultLogger, type LogLevel, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from '../contracts/logger.ts';
import { type CoreMetrics, onLoopbackPort } from './core-metrics.ts';
import { exhausted } from '../domain/exhaustive.ts';

/**
 * Installs the process-wide Temporal runtime; call it once, before any worker or native connection. Signals stay with the
 * composition root, which stops ingress before the worker.
 */
export async function installRuntime({ logger, level = 'INFO' }: RuntimeSettings): Promise<CoreMetrics> {
  return await onLoopbackPort((bindAddress) =>
    Runtime.install({
      logger: new DefaultLogger(level, (entry) => write(logger, entry)),
      shutdownSignals: [],
      workerHeartbeatInterval: HEARTBEAT_MS,
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
        metrics: {
          attachServiceName: false,
          // Named and counted as Prometheus wants it.
          prometheus: { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
        },
      },
    }),
  );
}

/** The first one comes after as long: so long nobody can ask the server who works here, and in which version. The SDK waits a minute. */
const HEARTBEAT_MS = 10_000;

type RuntimeSettings = { readonly logger: Logger; readonly level?: LogLevel };

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
