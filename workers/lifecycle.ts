import { LATE, withTimeout } from '../src/async/timeout.ts';
import type { Logger } from '../src/contracts/logger.ts';
import type { Component } from '../src/observability/readiness.ts';

/**
 * The order of stopping: nothing new comes in, what is in hand is finished, then its tools are put away. The worker
 * stops before the producer, because running activities still emit; health is answered to the very end.
 */
const ORDER = [
  'ingress',
  'admission',
  'worker',
  'sweeper',
  'producer',
  'vendor',
  'evidence',
  'temporal',
  'codec',
  'emulator',
  'admin',
] as const;
type PhaseName = (typeof ORDER)[number];

/** What a process holds: opened things register how they close and how they are, also while it still starts. */
export type Lifecycle = {
  /** Aborted when the process begins to stop: waits and retries end. */
  readonly stopping: AbortSignal;
  onStop(phase: PhaseName, run: () => Promise<void>): void;
  watch(component: Component): void;
  components(): readonly Component[];
  /** Reports that the process cannot go on; the first report counts. */
  fail(error: unknown): void;
  /** Rejects with the first reported failure; never resolves. */
  readonly failed: Promise<never>;
  stop(): Promise<readonly ShutdownFailure[]>;
};

export function createLifecycle(options: { readonly logger: Logger; readonly phaseLimitMs: number }): Lifecycle {
  const phases: { readonly name: PhaseName; readonly run: () => Promise<void> }[] = [];
  const components: Component[] = [];
  const controller = new AbortController();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Somebody awaits it only once the role has started; until then a rejection is not unhandled.
  failed.catch(() => undefined);
  return {
    stopping: controller.signal,
    onStop(name, run) {
      if (!controller.signal.aborted) phases.push({ name, run });
      // Opened while the process was already stopping: nobody will come back for it.
      else void runPhases([{ name, limitMs: options.phaseLimitMs, run }], { logger: options.logger });
    },
    watch: (component) => void components.push(component),
    components: () => components,
    fail: (error) => fail(error),
    failed,
    async stop() {
      controller.abort(new Error('the process is stopping'));
      const ordered = ORDER.flatMap((name) => phases.filter((phase) => phase.name === name));
      return await runPhases(
        ordered.map((phase) => ({ ...phase, limitMs: options.phaseLimitMs })),
        { logger: options.logger },
      );
    },
  };
}

/** One step of stopping, e.g. "ingress stop". Phases run one after the other, in the order given. */
type ShutdownPhase = { readonly name: string; readonly limitMs: number; readonly run: () => Promise<void> };

type ShutdownFailure = { readonly phase: string; readonly error: unknown };

/**
 * Runs every phase, each within its limit, and never stops early: a phase that fails or hangs is noted, logged, and
 * left behind, because the phases after it still have something to save.
 */
export async function runPhases(
  phases: readonly ShutdownPhase[],
  { logger }: { readonly logger: Logger },
): Promise<readonly ShutdownFailure[]> {
  const failures: ShutdownFailure[] = [];
  for (const phase of phases) {
    const error = await runPhase(phase);
    if (error === undefined) {
      logger.debug({ phase: phase.name }, 'shutdown phase done');
      continue;
    }
    failures.push({ phase: phase.name, error });
    logger.error({ phase: phase.name, err: error }, 'shutdown phase failed');
  }
  return failures;
}

async function runPhase({ run, limitMs }: ShutdownPhase): Promise<unknown> {
  try {
    const ended = await withTimeout(run(), limitMs);
    return ended === LATE ? new Error(`not finished within ${limitMs} ms (VF_SHUTDOWN_TIMEOUT)`) : undefined;
  } catch (error) {
    return error ?? new Error('rejected without a reason');
  }
}
