/** A length of days or weeks for people, e.g. `24 h` or `1.5 h`. */
export function hoursText(durationMs: number): string {
  return `${Math.round(durationMs / 360_000) / 10} h`;
}
