import { sleep } from './sleep.ts';

/** The limit passed first. The work goes on; nobody waits for it any more. */
export const LATE = Symbol('late');

/**
 * What `work` resolves with, or {@link LATE} once `limitMs` have passed. A failure of the work is the caller's. The limit
 * keeps the process alive, or work that hangs could never reach it. `wait` is for tests that turn the clock.
 */
export async function withTimeout<T>(work: Promise<T>, limitMs: number, wait: typeof sleep = sleep): Promise<T | typeof LATE> {
  const limit = new AbortController();
  try {
    return await Promise.race([work, wait(limitMs, limit.signal).then((): typeof LATE => LATE)]);
  } finally {
    limit.abort();
    // The caller has its answer; what becomes of late work is no unhandled rejection.
    work.catch(() => undefined);
  }
}
