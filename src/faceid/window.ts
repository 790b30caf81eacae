import { isAnswered, type ReadReport } from '../domain/reading/report.ts';

/** How many reads may be in flight. */
export type Window = {
  /** A read begins. @returns what is called once, with what came of it, if it came to its end. */
  begin(): (report?: ReadReport) => void;
  isFull(): boolean;
  /** Between two reads, if even one at a time is too many; in ms. */
  pauseMs(): number;
};

export type WindowOptions = {
  /** Never more than that. */
  readonly most: number;
  /** The vendor refused a read because too many were in flight, so fewer will be. */
  readonly onLowered?: (places: number) => void;
};

/** Reads more for each full window. A refused read costs half a minute, a place that is found later costs less. */
const GROWTH = 0.25;
const PAUSE = { firstMs: 250, longestMs: 4_000, shrinksTo: 0.8 } as const;

/**
 * Finds out how many reads the account takes at once, as TCP finds out what a line takes (AIMD, RFC 5681): one
 * CONCURRENCY_LIMIT_EXCEEDED halves the reads in flight, answers let one more begin for each four full windows. Processes that do
 * so share what the account takes, without knowing of each other; where it takes fewer than there are processes, they pause.
 */
export function createWindow({ most, onLowered }: WindowOptions): Window {
  let places = most;
  let pauseMs = 0;
  let inFlight = 0;
  /** What began before the last cut says nothing about the places since. */
  let cuts = 0;

  function lower(): void {
    cuts += 1;
    if (places < 2) pauseMs = Math.min(PAUSE.longestMs, Math.max(PAUSE.firstMs, pauseMs * 2));
    places = Math.max(1, Math.floor(Math.min(places, inFlight) / 2));
    onLowered?.(places);
  }

  function heard(report: ReadReport | undefined, { cutsThen, wasFull }: { readonly cutsThen: number; readonly wasFull: boolean }): void {
    if (report === undefined || !isAnswered(report)) return;
    if (report.kind === 'VENDOR_ERROR' && report.error === 'CONCURRENCY_LIMIT_EXCEEDED') {
      if (cutsThen === cuts) lower();
    } else if (pauseMs > 0) {
      pauseMs = pauseMs > PAUSE.firstMs ? pauseMs * PAUSE.shrinksTo : 0;
    } else if (wasFull) {
      // Only a window that was used shows that it could be wider (RFC 7661).
      places = Math.min(most, places + GROWTH / places);
    }
  }

  const isFull = (): boolean => inFlight >= Math.floor(places);
  return {
    isFull,
    pauseMs: () => pauseMs,
    begin() {
      const cutsThen = cuts;
      inFlight += 1;
      return (report) => {
        heard(report, { cutsThen, wasFull: isFull() });
        inFlight -= 1;
      };
    },
  };
}
