import type { NativeConnection } from '@temporalio/worker';
import { exhausted } from '../src/domain/exhaustive.ts';
import { whenAborted } from '../src/async/abort.ts';
import type { LogLevel } from '../src/config/env-service.ts';
import { connectTemporal, type TemporalLink } from '../src/temporal/connect.ts';
import { installRuntime } from '../src/temporal/runtime.ts';
import type { RoleContext } from './context.ts';
import { startupLimitOf } from './settings.ts';

const PROBE_EVERY_MS = 5_000;
const PROBE_DEADLINE_MS = 3_000;

/**
 * The one connection of the process, for client and worker alike (eager starts need that). The namespace may be absent
 * yet, because `requireSetup` looks for it afterwards. Rejects with `DependencyUnavailableError` after the start-up limit.
 */
export async function openTemporal({ config, logger, lifecycle, exposed }: RoleContext): Promise<TemporalLink<NativeConnection>> {
  const coreMetrics = await installRuntime({ logger, level: temporalLevel(config.logLevel) });
  exposed.push(async () => await coreMetrics.read());
  const link = await connectTemporal({
    logger,
    ...startupLimitOf(config),
    stopping: lifecycle.stopping,
    native: true,
    requireNamespace: false,
  });
  lifecycle.onStop('temporal', () => link.close());
  watchConnection(link, lifecycle);
  return link;
}

/** Readiness follows a light request every few seconds, and says so if that gets no answer in time. */
function watchConnection(link: TemporalLink<NativeConnection>, lifecycle: RoleContext['lifecycle']): void {
  let answers = true;
  const probe = async (): Promise<void> => {
    try {
      await link.connection.withDeadline(Date.now() + PROBE_DEADLINE_MS, () => link.connection.workflowService.getSystemInfo({}));
      answers = true;
    } catch {
      // Which error it was does not matter here: whoever needs the server reports its own.
      answers = false;
    }
  };
  const timer = setInterval(() => void probe(), PROBE_EVERY_MS);
  timer.unref();
  whenAborted(lifecycle.stopping, () => clearInterval(timer));
  lifecycle.watch({
    name: 'temporal',
    state: () => (answers ? { ready: true } : { ready: false, reason: `no answer from ${link.address} (TEMPORAL_ADDRESS)` }),
  });
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
