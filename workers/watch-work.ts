import { whenAborted } from '../src/async/abort.ts';
import { describeGrpcError } from '../src/temporal/errors.ts';
import type { LiveLink } from '../src/temporal/live-link.ts';
import { lookAtWork } from '../src/temporal/work-sight.ts';
import type { RoleContext } from './context.ts';

/** Not longer than people scrape; a look is five light requests, and three while no deadline is near. */
const LOOK_EVERY_MS = 15_000;

/**
 * Tells in `/metrics` what the server knows of the work as a whole. Every process asks, because any of them may be the last one
 * left; what is not known is left out, not told as it was.
 */
export function watchWork(link: LiveLink, { config, lifecycle, logger, metrics }: RoleContext): void {
  const { taskQueue } = config.temporal;
  let looking = false;
  let known = true;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const { queues, deadlines } = await lookAtWork(link.client, { namespace: link.namespace, taskQueue, nowMs: Date.now() });
      for (const { kind, pollers, oldestMs } of queues) {
        metrics.queuePollers.set({ kind }, pollers);
        metrics.queueOldest.set({ kind }, oldestMs / 1_000);
      }
      for (const { within, count } of deadlines) metrics.runningUntil.set({ within }, count);
      known = true;
    } catch (error) {
      for (const gauge of [metrics.queuePollers, metrics.queueOldest, metrics.runningUntil]) gauge.reset();
      if (known) logger.warn({ event: 'work-unknown', reason: describeGrpcError(error) }, 'Temporal does not say how the work stands');
      known = false;
    }
    looking = false;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  whenAborted(lifecycle.stopping, () => clearInterval(timer));
  void look();
}
