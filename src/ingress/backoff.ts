const FIRST_MS = 200;
const LONGEST_MS = 10_000;

/** Exponential, half-jittered wait before attempt `attempt + 1` (attempt ≥ 1): 100–200 ms first, 5–10 s at most. */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16));
  return ceiling * (0.5 + random() / 2);
}
