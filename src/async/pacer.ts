/** How far behind its turn a call may begin (a late timer) without losing it. */
const LATENESS_MS = 20;
const SECOND_MS = 1_000;

/** A call may begin between these instants, both included. */
export type Turn = { readonly fromMs: number; readonly untilMs: number };

export type Pacer = {
  /** Reserves the next turn, or nothing if it would come after `latestMs`. */
  reserve(nowMs: number, options: { readonly latestMs: number }): Turn | undefined;
  reserve(nowMs: number): Turn;
};

/**
 * A token bucket in its virtual-scheduling form (GCRA): turns are evenly spaced. The spacing is stretched by the
 * lateness a turn forgives, so no second, wherever it begins, holds more than `perSecond` (rounded up) calls.
 */
export function createPacer(perSecond: number): Pacer {
  const spacingMs = (SECOND_MS + LATENESS_MS) / perSecond;
  let nextMs = Number.NEGATIVE_INFINITY;
  function reserve(nowMs: number): Turn;
  function reserve(nowMs: number, options: { readonly latestMs: number }): Turn | undefined;
  function reserve(nowMs: number, { latestMs = Number.POSITIVE_INFINITY } = {}): Turn | undefined {
    const fromMs = Math.max(nowMs, nextMs);
    if (fromMs > latestMs) return undefined;
    nextMs = fromMs + spacingMs;
    return { fromMs, untilMs: fromMs + LATENESS_MS };
  }
  return { reserve };
}
