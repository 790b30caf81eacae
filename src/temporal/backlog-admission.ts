import type { Client } from '@temporalio/client';
import { whenAborted } from '../async/abort.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Admission } from '../ingress/ports.ts';
import { describeGrpcError } from './errors.ts';
import { describeQueue } from './task-queue.ts';

type BacklogAdmissionOptions = {
  /** How old the oldest waiting workflow task is, in ms; 0 without a backlog. Rejects when nobody can say. */
  readonly backlogAgeMs: () => Promise<number>;
  /** Above it, nothing more is admitted. Well below the sticky timeout of 10 s, after which workflows are re-executed. */
  readonly maxAgeMs: number;
  readonly pollEveryMs: number;
  readonly onChange?: (held: boolean) => void;
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
  let held = false;
  let heldSinceMs: number | undefined;
  let polling = false;

  async function poll(): Promise<void> {
    try {
      const ageMs = await options.backlogAgeMs();
      const isHeld = ageMs > options.maxAgeMs;
      if (isHeld !== held) {
        options.logger.info({ event: 'admission', held: isHeld, backlogAgeMs: ageMs }, isHeld ? 'admission held' : 'admission opened');
        options.onChange?.(isHeld);
      }
      held = isHeld;
      heldSinceMs = held ? (heldSinceMs ?? now()) : undefined;
    } catch (error) {
      options.logger.warn({ event: 'backlog-unknown', reason: describeGrpcError(error) }, 'the backlog of the task queue is unknown');
    }
    if (held) return;
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
      if (held) await untilWoken(waiting, signal);
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
  { namespace, taskQueue: name }: { readonly namespace: string; readonly taskQueue: string },
): Promise<number> {
  return (await describeQueue(client, { namespace, name, kind: 'workflow' })).oldestMs;
}
