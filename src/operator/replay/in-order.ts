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
