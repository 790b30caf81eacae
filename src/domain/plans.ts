import { exhausted } from './exhaustive.ts';
import type { PlannedRead, PolicyProfile } from './policy.ts';

/** What a plan depends on. Durations are milliseconds. */
export type PlanSettings = {
  readonly maxCalls: number;
  readonly windowMs: number;
  /** Offsets from `issuedAt` for the profile `custom`. */
  readonly customOffsetsMs?: readonly number[];
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A session that began in time is over 3 min after token expiry (reference §5.5); planned reads leave another minute. */
export const SESSION_ALLOWANCE_MS = 3 * MINUTE;
const AFTER_EXPIRY = SESSION_ALLOWANCE_MS + MINUTE;

/** Where the reserve lies: 23 h of 24 h, and the same share of any other window. Milliseconds from `issuedAt`. */
export function reserveOffsetMs(windowMs: number): number {
  return Math.floor((windowMs * 23) / 24);
}

/** The planned reads of a profile, at most `maxCalls`, the reserve last. */
export function planOf(profile: PolicyProfile, settings: PlanSettings): readonly PlannedRead[] {
  const reserve = issued(reserveOffsetMs(settings.windowMs), true);
  switch (profile) {
    case 'issued':
      return fit([issued(5 * MINUTE), afterExpiry(20 * MINUTE)], { reserve, settings });
    case 'completed':
      return fit([admitted(0), admitted(MINUTE)], { reserve, settings });
    case 'hinted':
      return fit([afterExpiry(0)], { reserve, settings });
    case 'patient':
      return fit([issued(30 * MINUTE), issued(6 * HOUR)], { reserve, settings });
    case 'custom':
      return customPlan(settings);
    case 'demo':
      return demoPlan(settings);
    default:
      return exhausted(profile, [reserve]);
  }
}

/** The reserve always stays; earlier reads give way when there are fewer slots. */
function fit(
  early: readonly PlannedRead[],
  { reserve, settings }: { readonly reserve: PlannedRead; readonly settings: PlanSettings },
): readonly PlannedRead[] {
  return [...early.slice(0, Math.max(0, settings.maxCalls - 1)), reserve];
}

/** The operator's own times; the last one is a reserve only if it lies in the second half of the window. */
function customPlan({ customOffsetsMs = [], windowMs }: PlanSettings): readonly PlannedRead[] {
  return customOffsetsMs.map((offsetMs, index) => issued(offsetMs, index === customOffsetsMs.length - 1 && offsetMs >= windowMs / 2));
}

/** Seconds for hours, so that a person can watch a whole life; early enough in each part that a busy machine keeps up. */
function demoPlan(settings: PlanSettings): readonly PlannedRead[] {
  const hourMs = Math.floor(settings.windowMs / 24);
  const second: PlannedRead = { anchor: 'EXPIRY', offsetMs: SECOND, notBeforeMs: 6 * hourMs, reserve: false };
  return fit([issued(hourMs), second], { reserve: issued(20 * hourMs, true), settings });
}

function issued(offsetMs: number, reserve = false): PlannedRead {
  return { anchor: 'ISSUED', offsetMs, notBeforeMs: 0, reserve };
}

function admitted(offsetMs: number): PlannedRead {
  return { anchor: 'ADMITTED', offsetMs, notBeforeMs: 0, reserve: false };
}

function afterExpiry(notBeforeMs: number): PlannedRead {
  return { anchor: 'EXPIRY', offsetMs: AFTER_EXPIRY, notBeforeMs, reserve: false };
}
