const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const WITH_SECONDS_MS = 10 * 60_000;

/**
 * An instant for people, as short as the day allows: `14:05 UTC`, or `23 Nov 13:05 UTC` on another day than `nowMs`. Within
 * ten minutes of `nowMs` with seconds, `14:05:42 UTC`: a wait of seconds would otherwise seem to be over.
 * Always UTC, so that the Temporal UI, the command line and the logs of several time zones agree.
 */
export function clockText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const near = Math.abs(atMs - nowMs) < WITH_SECONDS_MS;
  const time = `${twoDigits(at.getUTCHours())}:${twoDigits(at.getUTCMinutes())}${near ? `:${twoDigits(at.getUTCSeconds())}` : ''} UTC`;
  const sameDay = at.toISOString().slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10);
  return sameDay ? time : `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''} ${time}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
