/** Bounds how much runs at once; who waits is served in order of arrival. */
export type Semaphore = {
  /** Runs `work` in its turn. */
  run<T>(work: () => Promise<T>): Promise<T>;
};

/** `places`: how many may run at once; infinity is allowed. */
export function createSemaphore(places: number): Semaphore {
  let free = places;
  const waiting = new Set<() => void>();

  async function enter(): Promise<void> {
    if (free === 0) return await new Promise((resolve) => waiting.add(resolve));
    free -= 1;
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

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
