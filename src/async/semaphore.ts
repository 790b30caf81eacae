/** Bounds how much runs at once; who waits is served in order of arrival. */
export type Semaphore = {
  /** Runs `work` in its turn. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /**
   * As `run`, unless `giveUp` ends first: then undefined, and the work is not begun. `giveUp` gets a signal that tells it to
   * drop its timer.
   */
  runUnless<T>(giveUp: (signal: AbortSignal) => Promise<void>, work: () => Promise<T>): Promise<T | undefined>;
};

/** `places`: how many may run at once; infinity is allowed. */
export function createSemaphore(places: number): Semaphore {
  let free = places;
  const waiting = new Set<() => void>();

  /** Resolves false only if `giveUp` ended before the turn came. */
  async function enter(giveUp?: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    if (free > 0) {
      free -= 1;
      return true;
    }
    const patience = new AbortController();
    return await new Promise((resolve) => {
      const begin = (): void => {
        patience.abort();
        resolve(true);
      };
      // Only who is still in line may leave it; who was let in has to leave through the other door.
      const leaveLine = (): void => {
        if (waiting.delete(begin)) resolve(false);
      };
      waiting.add(begin);
      giveUp?.(patience.signal).then(leaveLine, leaveLine);
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  async function inside<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      leave();
    }
  }

  return {
    async run(work) {
      await enter();
      return await inside(work);
    },
    async runUnless(giveUp, work) {
      return (await enter(giveUp)) ? await inside(work) : undefined;
    },
  };
}
