export type Permits = {
  /** Resolves true with a permit, or false once `expiry` settles first. `expiry` gets a signal to drop its timer. */
  acquire(expiry: (signal: AbortSignal) => Promise<void>): Promise<boolean>;
  release(): void;
};

/** A first-come, first-served semaphore. */
export function createPermits(count: number): Permits {
  let free = count;
  const waiting = new Set<() => void>();

  return {
    async acquire(expiry) {
      if (free > 0) {
        free -= 1;
        return true;
      }
      const patience = new AbortController();
      return new Promise((resolve) => {
        function grant(): void {
          patience.abort();
          resolve(true);
        }
        function giveUp(): void {
          // Only a waiter still in line may leave it; one that was granted a permit has to keep it.
          if (waiting.delete(grant)) resolve(false);
        }
        waiting.add(grant);
        expiry(patience.signal).then(giveUp, giveUp);
      });
    },
    release() {
      const [next] = waiting;
      if (next === undefined) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
