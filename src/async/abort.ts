/** Who waits for the end of each signal. */
const waitersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` once, as soon as `signal` aborts; at once if it has aborted already. Returns the way to stop listening:
 * whoever stops waiting for another reason has to go it. `listener` must not throw.
 *
 * Hundreds of records may wait on the signal of one batch, and Node.js takes more than ten listeners of one signal for a leak
 * and warns of it on standard error. So all who wait here share one listener, and a leak elsewhere still shows.
 */
export function whenAborted(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  const waiters = waitersOf.get(signal) ?? listenTo(signal);
  // A function of its own for each call, so that the same listener may wait twice.
  const waiter = (): void => listener();
  waiters.add(waiter);
  return () => void waiters.delete(waiter);
}

/** The listener stays for the life of the signal; it holds nothing but the set, which empties as the waits end. */
function listenTo(signal: AbortSignal): Set<() => void> {
  const waiters = new Set<() => void>();
  waitersOf.set(signal, waiters);
  const tellAll = (): void => {
    for (const waiter of waiters) {
      waiters.delete(waiter);
      waiter();
    }
  };
  signal.addEventListener('abort', tellAll, { once: true });
  return waiters;
}
