/**
 * Maps a stream with at most `atOnce` calls under way, and yields the results in the order of the stream. Memory is
 * bounded by `atOnce`, however long the stream is. The first rejection ends it.
 */
export async function* mapInOrder<T, R>(
  source: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  { atOnce }: { readonly atOnce: number },
): AsyncGenerator<R> {
  const underway: Promise<R>[] = [];
  try {
    for await (const item of source) {
      const result = work(item);
      // It is awaited in its turn; until then a rejection must not count as unhandled.
      result.catch(() => undefined);
      underway.push(result);
      if (underway.length < atOnce) continue;
      const first = underway.shift();
      if (first !== undefined) yield await first;
    }
    for (const result of underway) yield await result;
  } finally {
    // What was begun is let through: its callers own what it works with.
    await Promise.allSettled(underway);
  }
}

export type Pace = { readonly perSecond: number; readonly now: () => number; readonly sleep: (durationMs: number) => Promise<void> };

/** Waits until the next turn; turns are `1/perSecond` apart and an idle time does not let later ones bunch up. */
export function createPace({ perSecond, now, sleep }: Pace): () => Promise<void> {
  let nextAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const turnAtMs = Math.max(now(), nextAtMs);
    nextAtMs = turnAtMs + 1_000 / perSecond;
    if (turnAtMs > now()) await sleep(turnAtMs - now());
  };
}
