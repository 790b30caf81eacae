export type PatchListeners<T> = {
  /** Returns the way to stop listening. */
  add(listener: (told: T) => void): () => void;
  tell(told: T): void;
};

/** Who hears what a patched method of kafkajs tells. `apply` patches it, once in this process, for the first of them. */
export function createPatchListeners<T>(apply: () => void): PatchListeners<T> {
  const listeners = new Set<(told: T) => void>();
  let applied = false;
  return {
    add(listener) {
      if (!applied) apply();
      applied = true;
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (told) => listeners.forEach((listener) => listener(told)),
  };
}
