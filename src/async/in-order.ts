import { createPacer } from './pacer.ts';

export type Pace = {
  /** Works under way at most. Memory is bounded by it, however long the stream is. */
  readonly atOnce: number;
  /** Works begun per second at most; infinity is allowed. */
  readonly perSecond: number;
  /** `monotonicMs` is no time of day: setting the machine's clock must not move a turn. */
  readonly clock: { monotonicMs(): number; sleep(durationMs: number, signal?: AbortSignal): Promise<void> };
  /** Once it has fired nothing more is begun; what is under way is waited for and yielded. */
  readonly signal: AbortSignal;
};

/**
 * Maps a stream at a bounded pace and yields the results in the order of the stream, without those that are undefined.
 * The first rejection ends it, after what was begun has ended too.
 */
export async function* mapInOrder<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  work: (item: T) => Promise<R | undefined>,
  { atOnce, perSecond, clock, signal }: Pace,
): AsyncGenerator<R> {
  const pacer = createPacer(perSecond);
  const inTurn = async (item: T): Promise<R | undefined> => {
    const waitMs = pacer.takeTurn(clock.monotonicMs()).fromMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    return signal.aborted ? undefined : await work(item);
  };
  for await (const result of inOrder(untilAborted(source, signal), { work: inTurn, atOnce })) if (result !== undefined) yield result;
}

async function* inOrder<T, R>(
  source: AsyncIterable<T>,
  { work, atOnce }: { readonly work: (item: T) => Promise<R>; readonly atOnce: number },
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
    // What was begun is let through, because its callers own what it works with.
    await Promise.allSettled(underway);
  }
}

async function* untilAborted<T>(source: AsyncIterable<T> | Iterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const item of source) {
    if (signal.aborted) return;
    yield item;
  }
}
