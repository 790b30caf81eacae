import { whenAborted } from './abort.ts';

/** Time, injected where tests turn the clock. */
export type Clock = {
  /** Epoch ms. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export function createSystemClock(): Clock {
  return { now: Date.now, sleep };
}

/** Resolves after `ms`, or as soon as `signal` aborts. Never rejects. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      stopListening?.();
      resolve();
    }, ms);
    const stopListening =
      signal &&
      whenAborted(signal, () => {
        clearTimeout(timer);
        resolve();
      });
  });
}
