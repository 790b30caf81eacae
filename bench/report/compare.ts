import { type Measurements, type Metric, METRICS, metricsOf } from './metrics.ts';
import { spread, type Spread } from './statistics.ts';

/** Ratios this close to 1 are called level: repetitions of the same system differ by as much. */
const LEVEL_BAND = 0.05;

export type Standing = 'ahead' | 'level' | 'behind' | 'unknown';
export type Comparison = {
  readonly metric: Metric;
  readonly ours?: Spread;
  readonly naive?: Spread;
  /** Median of ours over median of naive; absent if either was not measured or naive is zero. */
  readonly ratio?: number;
  readonly standing: Standing;
};

/** One row a metric: medians over the repetitions with their range, the ratio, and where we stand against the baseline. */
export function compare(runs: { readonly ours: readonly Measurements[]; readonly naive: readonly Measurements[] }): Comparison[] {
  return metricsOf([...runs.ours, ...runs.naive]).map((metric) => {
    const ours = spreadOf(runs.ours, metric);
    const naive = spreadOf(runs.naive, metric);
    const ratio = ours && naive && naive.median > 0 ? ours.median / naive.median : undefined;
    return {
      metric,
      ...(ours && { ours }),
      ...(naive && { naive }),
      ...(ratio !== undefined && { ratio }),
      standing: standingOf(metric, ratio),
    };
  });
}

/** Whether a ratio (ours over naive) is better or worse for this metric, with a 5 % band of "level". */
export function standingOf(metric: Metric, ratio: number | undefined): Standing {
  if (ratio === undefined) return 'unknown';
  if (Math.abs(ratio - 1) <= LEVEL_BAND) return 'level';
  return ratio > 1 === (METRICS[metric].better === 'higher') ? 'ahead' : 'behind';
}

function spreadOf(runs: readonly Measurements[], metric: Metric): Spread | undefined {
  const values = runs.flatMap((run) => run[metric] ?? []);
  return values.length > 0 ? spread(values) : undefined;
}
