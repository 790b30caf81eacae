import type { Client } from '@temporalio/client';
import { whenAborted } from '../async/abort.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Admission } from '../ingress/ports.ts';
import { describeGrpcError } from './errors.ts';

/** `TASK_QUEUE_TYPE_WORKFLOW` of the Temporal API. */
const WORKFLOW_QUEUE = 1;

type BacklogAdmissionOptions = {
  /** How old the oldest waiting workflow task is, in ms; 0 without a backlog. Rejects when nobody can say. */
  readonly backlogAgeMs: () => Promise<number>;
  /** Above it, nothing more is admitted. Well below the sticky timeout of 10 s, after which workflows are re-executed. */
  readonly maxAgeMs: number;
  readonly pollEveryMs: number;
  readonly logger: Logger;
  readonly now?: () => number;
};

export type BacklogAdmission = Admission & {
  /** How long nothing has been admitted; 0 while it is. */
  heldForMs(): number;
  close(): void;
};

/**
 * Admission for an ingress of its own: workers elsewhere show how they keep up by the age of the task queue's backlog.
 * `release` does nothing, because what counts is the queue. An unanswered question leaves the last answer in force.
 */
export function createBacklogAdmission(options: BacklogAdmissionOptions): BacklogAdmission {
  const { now = Date.now } = options;
  const waiting = new Set<() => void>();
  let open = true;
  let heldSinceMs: number | undefined;
  let polling = false;

  async function poll(): Promise<void> {
    try {
      const ageMs = await options.backlogAgeMs();
      const wasOpen = open;
      open = ageMs <= options.maxAgeMs;
      heldSinceMs = open ? undefined : (heldSinceMs ?? now());
      if (wasOpen !== open)
        options.logger.info({ event: 'admission', open, backlogAgeMs: ageMs }, open ? 'admission opened' : 'admission held');
    } catch (error) {
      options.logger.warn({ event: 'admission', reason: describeGrpcError(error) }, 'the backlog of the task queue is unknown');
    }
    if (!open) return;
    for (const wake of waiting) wake();
    waiting.clear();
  }

  const timer = setInterval(() => {
    if (polling) return;
    polling = true;
    void poll().finally(() => (polling = false));
  }, options.pollEveryMs);
  timer.unref();

  return {
    async acquire(_verificationId, signal) {
      signal.throwIfAborted();
      if (!open) await untilWoken(waiting, signal);
    },
    release: () => undefined,
    heldForMs: () => (heldSinceMs === undefined ? 0 : now() - heldSinceMs),
    close: () => clearInterval(timer),
  };
}

async function untilWoken(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stopListening = whenAborted(signal, () => {
      waiting.delete(wake);
      reject(signal.reason);
    });
    const wake = (): void => {
      stopListening();
      resolve();
    };
    waiting.add(wake);
  });
}

/** Age of the oldest workflow task that waits on the queue, in ms, as the server estimates it. */
export async function workflowBacklogAgeMs(
  client: Client,
  queue: { readonly namespace: string; readonly taskQueue: string },
): Promise<number> {
  const { stats } = await client.workflowService.describeTaskQueue({
    namespace: queue.namespace,
    taskQueue: { name: queue.taskQueue },
    taskQueueType: WORKFLOW_QUEUE,
    reportStats: true,
  });
  if (Number(stats?.approximateBacklogCount ?? 0) === 0) return 0;
  const age = stats?.approximateBacklogAge;
  return Number(age?.seconds ?? 0) * 1_000 + Math.floor((age?.nanos ?? 0) / 1_000_000);
}
