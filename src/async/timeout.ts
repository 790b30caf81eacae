/** The limit passed first. The work goes on; nobody waits for it any more. */
export const LATE = Symbol('late');

/**
 * What `work` resolves with, or {@link LATE} once `limitMs` have passed. A failure of the work is the caller's. The limit
 * keeps the process alive, or work that hangs could never reach it.
 */
export async function withTimeout<T>(work: Promise<T>, limitMs: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, limitMs, LATE);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    // The caller has its answer; what becomes of late work is no unhandled rejection.
    work.catch(() => undefined);
  }
}
