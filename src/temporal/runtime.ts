import { DefaultLogger, type LogLevel, makeTelemetryFilterString, Runtime, type Logger as RuntimeLogger } from '@temporalio/worker';
import type { Logger } from '../contracts/logger.ts';
import { type CoreMetrics, onLoopbackPort } from './core-metrics.ts';
import { exhausted } from '../domain/exhaustive.ts';

/**
 * Installs the process-wide Temporal runtime; call it once, before any worker or native connection. Signals stay with the
 * composition root, which stops ingress before the worker.
 */
export async function installRuntime({ logger, level = 'INFO' }: RuntimeSettings): Promise<CoreMetrics> {
  return await onLoopbackPort((bindAddress) => {
    const runtime = Runtime.install({
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
    });
    passOnSeldom(runtime.logger, level);
  });
}

/** The first one comes after as long: so long nobody can ask the server who works here, and in which version. The SDK waits a minute. */
const HEARTBEAT_MS = 10_000;

const PASS_ON_EVERY_MS = 1_000;

/**
 * The SDK keeps its lines and Core's for a moment to put them in order. It keeps those as well that nobody will see, some twenty for
 * each verification, and looks ten times a second for those that were kept long enough, which is half of what wakes an idle process.
 * Here what nobody will see is not kept, and after `close`, which ends that timer alone, the others are passed on by a slower one.
 */
function passOnSeldom(logger: RuntimeLogger, level: LogLevel): void {
  logger.trace = () => undefined;
  if (level !== 'DEBUG') logger.debug = () => undefined;
  if (!isFlushable(logger)) return;
  logger.close();
  setInterval(() => logger.flush(), PASS_ON_EVERY_MS).unref();
  process.once('exit', () => logger.flush());
}

function isFlushable(logger: object): logger is { close(): void; flush(): void } {
  return ['close', 'flush'].every((name) => typeof Reflect.get(logger, name) === 'function');
}

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
