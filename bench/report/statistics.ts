export type Spread = { readonly median: number; readonly min: number; readonly max: number };

/**
 * Nearest-rank percentile: the smallest sample that at least `percent` % of the samples do not exceed, so the answer is
 * always something that was measured. `percent` in (0, 100]; an empty list throws a RangeError.
 */
export function percentile(samples: readonly number[], percent: number): number {
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`percent must be in (0, 100], got ${percent}`);
  const sorted = samples.toSorted((left, right) => left - right);
  const value = sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  if (value === undefined) throw new RangeError('percentile of no samples');
  return value;
}

/** Median (mean of the middle two for an even count), least and greatest. An empty list throws a RangeError. */
export function spread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((left, right) => left - right);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  const upper = sorted[Math.floor(sorted.length / 2)];
  const min = sorted[0];
  const max = sorted.at(-1);
  if (lower === undefined || upper === undefined || min === undefined || max === undefined) throw new RangeError('spread of no samples');
  return { median: (lower + upper) / 2, min, max };
}
