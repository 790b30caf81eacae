const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of `500ms`, `20s`, `5m` or `24h`; undefined for anything else. Only whole, non-negative numbers. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h)$/.exec(text.trim());
  if (match === null) return undefined;
  const unit = unitMs(match[2]);
  const value = Number(match[1]) * unit;
  return unit > 0 && Number.isSafeInteger(value) ? value : undefined;
}

/** The shortest spelling that {@link parseDuration} reads back to the same number. */
export function formatDuration(durationMs: number): string {
  if (durationMs > 0 && durationMs % UNITS_MS.h === 0) return `${durationMs / UNITS_MS.h}h`;
  if (durationMs > 0 && durationMs % UNITS_MS.m === 0) return `${durationMs / UNITS_MS.m}m`;
  if (durationMs % UNITS_MS.s === 0) return `${durationMs / UNITS_MS.s}s`;
  return `${durationMs}ms`;
}

function unitMs(unit: string | undefined): number {
  switch (unit) {
    case 'ms':
      return UNITS_MS.ms;
    case 's':
      return UNITS_MS.s;
    case 'm':
      return UNITS_MS.m;
    case 'h':
      return UNITS_MS.h;
    default:
      return 0;
  }
}
