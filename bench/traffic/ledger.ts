export type Ledger = {
  /** `atMs` on this process's monotonic clock, as in all of these. */
  sent(key: string, atMs: number): void;
  arrived(key: string, atMs: number): void;
  /** Keys of the list that have no outcome yet. */
  missing(keys: readonly string[]): string[];
  /** Throws if one of the keys was not sent or has not arrived: measure only what is complete. */
  latenciesMs(keys: readonly string[]): number[];
  /** From the first send to the last arrival, ms. */
  spanMs(keys: readonly string[]): number;
  /** Outcomes beyond the first of a key, and outcomes nobody asked for. */
  surplus(): { readonly repeated: number; readonly strangers: number };
};

type Entry = { readonly sentAtMs: number; arrivedAtMs?: number };

/** Which token was asked for when, and when its outcome came back. The judge of "nothing lost". */
export function createLedger(): Ledger {
  const entries = new Map<string, Entry>();
  let repeated = 0;
  let strangers = 0;
  const complete = (key: string): { sentAtMs: number; arrivedAtMs: number } => {
    const entry = entries.get(key);
    if (entry?.arrivedAtMs === undefined) throw new Error(`no outcome for ${key}`);
    return { sentAtMs: entry.sentAtMs, arrivedAtMs: entry.arrivedAtMs };
  };
  return {
    sent: (key, atMs) => void entries.set(key, { sentAtMs: atMs }),
    arrived(key, atMs) {
      const entry = entries.get(key);
      if (!entry) strangers += 1;
      else if (entry.arrivedAtMs !== undefined) repeated += 1;
      else entry.arrivedAtMs = atMs;
    },
    missing: (keys) => keys.filter((key) => entries.get(key)?.arrivedAtMs === undefined),
    latenciesMs: (keys) => keys.map(complete).map(({ sentAtMs, arrivedAtMs }) => arrivedAtMs - sentAtMs),
    spanMs(keys) {
      const all = keys.map(complete);
      return Math.max(...all.map(({ arrivedAtMs }) => arrivedAtMs)) - Math.min(...all.map(({ sentAtMs }) => sentAtMs));
    },
    surplus: () => ({ repeated, strangers }),
  };
}
