import { sleep } from '../src/async/sleep.ts';
import { EvidenceUnreadableError, ForeseenError } from '../src/contracts/errors.ts';
import { createRecordPublisher } from '../src/kafka/sinks.ts';
import { createSweepEvents } from '../src/observability/sweep-events.ts';
import type { EvidenceVault } from '../src/operator/evidence/ports.ts';
import { createSweeper, type Sweeper } from '../src/operator/evidence/sweep.ts';
import type { RoleContext } from './context.ts';
import { type Engines, openKafkaEngine } from './engines.ts';
import { openEvidenceVault } from './evidence.ts';

/** After a sweep that failed, the next one does not wait for its turn, unless only a person can mend what it met. */
const AGAIN_AFTER_MS = 60_000;

/** Erases what has expired, and what erasures have left. Needs the stores and Kafka, for the audit topic; no Temporal. */
export async function startSweeperRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  // Settings that cannot work are to be seen before anything is waited for.
  const vault = openEvidenceVault(context.live);
  const { producer } = await openKafkaEngine(context);
  serveSweeper(context, { vault, producer, isAlone: true });
  return { auditTopic: context.config.kafka.topics.audit };
}

type Opened = EvidenceVault & { close(): Promise<void> };

type Serving = Pick<Engines, 'producer'> & {
  readonly vault: Opened;
  /** Whether the process is there for this alone; else its other work is not held up by a store that is away. */
  readonly isAlone: boolean;
};

/** Sweeps at once and then every `VF_EVIDENCE_SWEEP_EVERY`, until the process stops. */
export function serveSweeper(context: RoleContext, { vault, producer, isAlone }: Serving): void {
  const { config, lifecycle } = context;
  const audit = { publisher: createRecordPublisher(producer), topic: config.kafka.topics.audit };
  const sweeper = createSweeper({ vault, audit, now: Date.now, events: createSweepEvents(context) });
  const state: SweepState = { failure: undefined };
  const ended = sweepOn(context, { sweeper, state });
  ended.catch((error: unknown) => lifecycle.fail(error));
  lifecycle.onStop('sweeper', async () => {
    await ended;
    await vault.close();
  });
  lifecycle.watch({
    name: 'sweeper',
    state: () =>
      state.failure === undefined ? { ready: true } : { ready: !isAlone, reason: `the last sweep failed: ${state.failure.message}` },
  });
}

type SweepState = { failure: ForeseenError | undefined };

/** How long after a sweep the next one begins. What is no evidence stays none until somebody has looked, however often it is swept. */
export function nextSweepMs(failure: ForeseenError | undefined, sweepEveryMs: number): number {
  if (failure === undefined || failure instanceof EvidenceUnreadableError) return sweepEveryMs;
  return Math.min(sweepEveryMs, AGAIN_AFTER_MS);
}

async function sweepOn(
  { config, lifecycle, logger, metrics }: RoleContext,
  { sweeper, state }: { readonly sweeper: Sweeper; readonly state: SweepState },
): Promise<void> {
  const { stopping } = lifecycle;
  const { sweepEveryMs } = config.erasure;
  let oldestExpiresAtMs: number | undefined;
  // Until the first one is through, since when it is awaited.
  metrics.evidenceSweptAt.set(Date.now() / 1_000);
  metrics.evidenceExpired.from(() => (oldestExpiresAtMs === undefined ? 0 : Math.max(0, (Date.now() - oldestExpiresAtMs) / 1_000)));
  while (!stopping.aborted) {
    try {
      const { oldestExpiresAtMs: oldest, failure, ...counts } = await sweeper.sweep(stopping);
      if (stopping.aborted) return;
      oldestExpiresAtMs = oldest;
      metrics.evidenceSweptAt.set(Date.now() / 1_000);
      logger.info({ event: 'evidence-swept', ...counts }, 'swept the evidence');
      state.failure = failure;
    } catch (error) {
      if (!(error instanceof ForeseenError)) throw error;
      state.failure = error;
    }
    if (state.failure !== undefined)
      logger.error({ event: 'sweep-failed', reason: state.failure.message }, 'what has expired could not be erased, or not all of it');
    await sleep(nextSweepMs(state.failure, sweepEveryMs), stopping);
  }
}
