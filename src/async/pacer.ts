/** How far behind its turn something may begin (a late timer) without losing it. */
const LATENESS_MS = 20;
const SECOND_MS = 1_000;

/** When something may begin: between these instants, both included. Epoch milliseconds. */
export type Turn = { readonly fromMs: number; readonly untilMs: number };

export type Pacer = {
  /** Takes the next turn, or none if it would come after `latestMs`. */
  takeTurn(nowMs: number, options: { readonly latestMs: number }): Turn | undefined;
  takeTurn(nowMs: number): Turn;
};

/**
 * Spaces turns evenly; a token bucket in its virtual-scheduling form (GCRA). The spacing is stretched by the lateness that a
 * turn forgives, so that in no second, wherever it begins, more than `perSecond` (rounded up) begin. May be below 1.
 */
export function createPacer(perSecond: number): Pacer {
  const spacingMs = (SECOND_MS + LATENESS_MS) / perSecond;
  let nextMs = Number.NEGATIVE_INFINITY;
  function takeTurn(nowMs: number): Turn;
  function takeTurn(nowMs: number, options: { readonly latestMs: number }): Turn | undefined;
  function takeTurn(nowMs: number, { latestMs = Number.POSITIVE_INFINITY } = {}): Turn | undefined {
    const fromMs = Math.max(nowMs, nextMs);
    if (fromMs > latestMs) return undefined;
    nextMs = fromMs + spacingMs;
    return { fromMs, untilMs: fromMs + LATENESS_MS };
  }
  return { takeTurn };
}
