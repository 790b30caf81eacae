import type fc from 'fast-check';

/** One fixed seed in CI, so that a red build is red again; fast-check prints seed and path with every failure. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  const seed = process.env['CI'] === undefined ? {} : { seed: 20_260_301 };
  return { ...seed, numRuns: numRuns * Number(process.env['PROPERTY_RUNS_FACTOR'] ?? '1') };
}
