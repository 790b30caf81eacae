import { fail, type Found, ok, warn } from './findings.ts';
import type { ClockOffset } from './ports.ts';

/** Waits are planned to the second. */
export const TOLERATED_MS = 2_000;
/** Far below the five minutes beyond which records are refused for their time, far above what NTP leaves. */
export const HARMFUL_MS = 60_000;

/** `whose`: e.g. "Temporal's clock". What the way there may have taken is given to us. */
export function judgeClock(whose: string, { leastMs, mostMs }: ClockOffset): Found {
  const aheadMs = leastMs > 0 ? leastMs : Math.min(0, mostMs);
  const middleMs = (leastMs + mostMs) / 2;
  const apart = `${(Math.abs(middleMs) / 1_000).toFixed(2)} s ${middleMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  const saw = `${whose} is ${apart}, give or take ${((mostMs - leastMs) / 2_000).toFixed(2)} s; up to ${TOLERATED_MS / 1_000} s is tolerated`;
  if (Math.abs(aheadMs) <= TOLERATED_MS) return ok(saw);
  return (Math.abs(aheadMs) > HARMFUL_MS ? fail : warn)(saw, 'set the clock of the one that is off (NTP, chrony)');
}
