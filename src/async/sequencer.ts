/** Runs works of one key one after another, in order of arrival; works of different keys side by side. */
export type Sequencer = { run<T>(key: string, work: () => Promise<T>): Promise<T> };

export function createSequencer(): Sequencer {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async run(key, work) {
      const mine = (tails.get(key) ?? Promise.resolve()).then(work);
      // The tail only orders; a failure is reported to whoever asked for the work.
      const tail = mine.catch(() => undefined);
      tails.set(key, tail);
      try {
        return await mine;
      } finally {
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}
