const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A time span for people, in its two largest units: `250 ms`, `4.2 s`, `3 min 5 s`, `2 h 5 min`, `1 d 3 h`. Never negative. */
export function durationText(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < SECOND_MS) return `${ms} ms`;
  if (ms < 10 * SECOND_MS) return `${Math.floor(ms / 100) / 10} s`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return twoUnits(ms, { large: [MINUTE_MS, 'min'], small: [SECOND_MS, 's'] });
  if (ms < DAY_MS) return twoUnits(ms, { large: [HOUR_MS, 'h'], small: [MINUTE_MS, 'min'] });
  return twoUnits(ms, { large: [DAY_MS, 'd'], small: [HOUR_MS, 'h'] });
}

type Unit = readonly [ms: number, name: string];

function twoUnits(ms: number, { large, small }: { readonly large: Unit; readonly small: Unit }): string {
  const rest = Math.floor((ms % large[0]) / small[0]);
  const whole = `${Math.floor(ms / large[0])} ${large[1]}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small[1]}`;
}

/** `in 2 h 5 min`, or `3 s ago`. */
export function fromNowText(atMs: number, nowMs: number): string {
  return atMs >= nowMs ? `in ${durationText(atMs - nowMs)}` : `${durationText(nowMs - atMs)} ago`;
}
