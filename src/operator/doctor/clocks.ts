import { fail, type Found, ok, warn } from './findings.ts';
import type { ClockOffset } from './ports.ts';

/** Waits are planned to the second. */
export const TOLERATED_MS = 2_000;
/** Far below the five minutes beyond which records are refused for their time, far above what NTP leaves. */
export const HARMFUL_MS = 60_000;

/** `whose`: e.g. "Temporal's clock". What the way there may have taken is given to us. */
export function judgeClock(whose: string, { leastMs, mostMs }: ClockOffset): Found {
  const aheadMs = leastMs > 0 ? leastMs : Math.min(0, mostMs);
  const known = `known to ${Math.ceil((mostMs - leastMs) / 2)} ms`;
  if (Math.abs(aheadMs) <= TOLERATED_MS) return ok(`${whose} is within ${TOLERATED_MS / 1_000} s of this machine's (${known})`);
  const saw = `${whose} is ${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's (${known})`;
  return (Math.abs(aheadMs) > HARMFUL_MS ? fail : warn)(saw, 'set the clock of the one that is off (NTP, chrony)');
}
