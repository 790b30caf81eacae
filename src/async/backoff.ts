export type Backoff = {
  /** The longest first wait, milliseconds. */
  readonly firstMs: number;
  /** No wait is longer, milliseconds. */
  readonly longestMs: number;
  /** 0 to 1. Given: each wait is between half and all of its length, so that many who wait do not come back at once. */
  readonly random?: () => number;
};

/** How long to wait after attempt `attempt` (from 1): twice as long each time, up to `longestMs`. */
export function backoffMs(attempt: number, { firstMs, longestMs, random }: Backoff): number {
  const waitMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return random === undefined ? waitMs : waitMs * (0.5 + random() / 2);
}
