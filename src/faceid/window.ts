import { isAnswered, type ReadReport } from '../domain/reading/report.ts';

/** How many reads may be in flight. */
export type Window = {
  /** A read begins. @returns what is called once, with what came of it, if it came to its end. */
  begin(): (report?: ReadReport) => void;
  isFull(): boolean;
};

/** Reads more for each full window. A refused read costs half a minute, a place that is found later costs less. */
const GROWTH = 0.25;

export type WindowOptions = {
  /** Never more than that. */
  readonly most: number;
  /** The vendor refused a read because too many were in flight, so fewer will be. */
  readonly onLowered?: (places: number) => void;
};

/**
 * Finds out how many reads the account takes at once, as TCP finds out what a line takes (AIMD, RFC 5681): one
 * CONCURRENCY_LIMIT_EXCEEDED halves the reads in flight, answers let one more begin for each four full windows. Processes that do so
 * share what the account takes, without knowing of each other.
 */
export function createWindow({ most, onLowered }: WindowOptions): Window {
  let places = most;
  let inFlight = 0;
  /** What began before the last cut says nothing about the places since. */
  let cuts = 0;

  function heard(report: ReadReport | undefined, { cutsThen, wasFull }: { readonly cutsThen: number; readonly wasFull: boolean }): void {
    if (report === undefined || !isAnswered(report)) return;
    if (report.kind === 'VENDOR_ERROR' && report.error === 'CONCURRENCY_LIMIT_EXCEEDED') {
      if (cutsThen !== cuts) return;
      cuts += 1;
      places = Math.max(1, Math.floor(Math.min(places, inFlight) / 2));
      onLowered?.(places);
      return;
    }
    // Only a window that was used shows that it could be wider (RFC 7661).
    if (wasFull) places = Math.min(most, places + GROWTH / places);
  }

  const isFull = (): boolean => inFlight >= Math.floor(places);
  return {
    isFull,
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
