import { setMaxListeners } from 'node:events';

/** The real clock in the shape that ingress and the adapters take. */
export function createSystemClock(): { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> } {
  return { now: Date.now, sleep };
}

/** Resolves after `ms`, or as soon as `signal` aborts. Never rejects. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  // Dozens of records of a batch wait on one signal; Node takes more than ten listeners for a leak.
  if (signal) setMaxListeners(0, signal);
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
