import type { NativeConnection } from '@temporalio/worker';
import { createSystemClock } from '../src/async/sleep.ts';
import { createInProcessAdmission } from '../src/ingress/admission.ts';
import type { Admission } from '../src/ingress/ports.ts';
import { createBacklogAdmission, workflowBacklogAgeMs } from '../src/temporal/backlog-admission.ts';
import type { TemporalLink } from '../src/temporal/connect.ts';
import type { RoleContext } from './context.ts';

/** A place in progress lapses after this: the verification then runs on another worker, or waits. */
const LEASE_MS = 15_000;
/** Far below the 10 s after which a waiting workflow task times out, so that its workflow has to be re-executed. */
const MAX_BACKLOG_AGE_MS = 2_000;
const POLL_EVERY_MS = 1_000;
/** A deploy of the workers may hold admission for some seconds; longer than this is worth a look. */
const HELD_TOO_LONG_MS = 60_000;

/** Admission for ingress and worker in one process, which counts what is in progress. */
export function openInProcessAdmission({ config, metrics }: RoleContext): Admission {
  const admission = createInProcessAdmission({ maxInProgress: config.maxInProgress, leaseMs: LEASE_MS, clock: createSystemClock() });
  metrics.inProgress.from(() => admission.inProgress());
  return admission;
}

/** Admission for an ingress of its own, which watches how the workers keep up. */
export function openBacklogAdmission({ config, logger, metrics, lifecycle }: RoleContext, link: TemporalLink<NativeConnection>): Admission {
  const queue = { namespace: link.namespace, taskQueue: config.temporal.taskQueue };
  const admission = createBacklogAdmission({
    backlogAgeMs: async () => await workflowBacklogAgeMs(link.client, queue),
    onChange: (held) => metrics.admissionHeld.set(held ? 1 : 0),
    maxAgeMs: MAX_BACKLOG_AGE_MS,
    pollEveryMs: POLL_EVERY_MS,
    logger,
  });
  lifecycle.watch({
    name: 'admission',
    state: () => {
      const heldForMs = admission.heldForMs();
      if (heldForMs < HELD_TOO_LONG_MS) return { ready: true };
      const seconds = Math.round(heldForMs / 1_000);
      return {
        ready: false,
        reason: `nothing is admitted for ${seconds} s: workers are behind, or none runs on task queue ${queue.taskQueue}`,
      };
    },
  });
  lifecycle.onStop('admission', async () => await Promise.resolve(admission.close()));
  return admission;
}
