/** Waits up to this long are kept exact. */
const EXACT_UP_TO_MS = 10_000;
const SHARE = 0.1;

/**
 * A number in [0, 1) that depends on the text alone: FNV-1a with a final mix. Random numbers would differ between a run
 * and its re-execution by other code. This one spreads a burst of tokens and stays the same for each of them.
 */
export function unitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

type Wait = { readonly waitMs: number; /** What the 10 % are taken of, if not the wait. */ readonly spreadMs?: number };

/** Between −10 % and +10 % of the spread, whole milliseconds; 0 for waits up to 10 s. */
export function jitterMs(seed: string, { waitMs, spreadMs = waitMs }: Wait): number {
  return waitMs > EXACT_UP_TO_MS ? Math.trunc((2 * unitHash(seed) - 1) * SHARE * spreadMs) : 0;
}

/** Between 0 and +10 % of the spread, for instants that must not come earlier; 0 for waits up to 10 s. */
export function lateJitterMs(seed: string, { waitMs, spreadMs = waitMs }: Wait): number {
  return waitMs > EXACT_UP_TO_MS ? Math.trunc(unitHash(seed) * SHARE * spreadMs) : 0;
}
