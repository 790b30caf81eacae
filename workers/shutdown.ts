import type { Logger } from '../src/observability/logger.ts';

/** One step of stopping, e.g. "ingress stop". Phases run one after the other, in the order given. */
export type ShutdownPhase = { readonly name: string; readonly limitMs: number; run(): Promise<void> };

export type ShutdownFailure = { readonly phase: string; readonly error: unknown };

/** Resolves after the delay; its handle cancels it. Injected so that tests turn the clock. */
export type Timer = (delayMs: number) => { readonly elapsed: Promise<void>; cancel(): void };

/** Node's own timer. It keeps the process alive, or a hanging phase could never reach its limit. */
export function nodeTimer(delayMs: number): ReturnType<Timer> {
  let handle: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    handle = setTimeout(resolve, delayMs);
  });
  return { elapsed, cancel: () => clearTimeout(handle) };
}

/**
 * Runs every phase, each within its limit, and never stops early: a phase that fails or hangs is noted, logged, and
 * left behind, because the phases after it still have something to save.
 */
export async function runPhases(
  phases: readonly ShutdownPhase[],
  options: { readonly logger: Logger; readonly timer?: Timer },
): Promise<readonly ShutdownFailure[]> {
  const failures: ShutdownFailure[] = [];
  for (const phase of phases) {
    const error = await runPhase(phase, options.timer ?? nodeTimer);
    if (error === undefined) {
      options.logger.debug({ phase: phase.name }, 'shutdown phase done');
      continue;
    }
    failures.push({ phase: phase.name, error });
    options.logger.error({ phase: phase.name, err: error }, 'shutdown phase failed');
  }
  return failures;
}

async function runPhase(phase: ShutdownPhase, timer: Timer): Promise<unknown> {
  const limit = timer(phase.limitMs);
  try {
    const late = limit.elapsed.then(() => new Error(`not finished within ${phase.limitMs} ms (VF_SHUTDOWN_TIMEOUT)`));
    return await Promise.race([phase.run().then(() => undefined), late]);
  } catch (error) {
    return error ?? new Error('rejected without a reason');
  } finally {
    limit.cancel();
  }
}
