import { exhausted } from '../exhaustive.ts';
import type { PlannedRead, Policy, PolicyProfile, PolicyTerms } from '../policy.ts';

/** What configuration says about reading. All durations are milliseconds. */
export type PolicySettings = PolicyTerms & {
  /** Offsets from `issuedAt` for the profile `custom`. */
  readonly customOffsetsMs?: readonly number[];
};

/** What a plan depends on. */
type PlanSettings = Pick<PolicySettings, 'maxReads' | 'windowMs' | 'customOffsetsMs'>;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A session that began in time is over 3 min after token expiry (docs/vendor.md, Assumptions); planned reads leave another minute. */
const SESSION_ALLOWANCE_MS = 3 * MINUTE;
const AFTER_EXPIRY = SESSION_ALLOWANCE_MS + MINUTE;

/** Where the reserve lies: 23 h of 24 h, and the same share of any other window. Milliseconds from `issuedAt`. */
function reserveOffsetMs(windowMs: number): number {
  return Math.floor((windowMs * 23) / 24);
}

/** The planned reads of a profile, at most `maxReads`, the reserve last. */
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
  return [...early.slice(0, Math.max(0, settings.maxReads - 1)), reserve];
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

const HINT_DELAY_MS = 2000;
const MAX_REFUSALS = 5;

/** Longest window that is still plausible; a larger one is a slip of units. */
const LONGEST_WINDOW_MS = 30 * DAY;

/** Applies a profile's plan and every default. Settings that {@link policyProblems} accepts give a usable policy. */
export function resolvePolicy(profile: PolicyProfile, settings: PolicySettings): Policy {
  const { customOffsetsMs: _inThePlan, ...terms } = settings;
  const policy: Policy = {
    id: profile,
    version: 1,
    ...terms,
    sessionAllowanceMs: SESSION_ALLOWANCE_MS,
    hintDelayMs: HINT_DELAY_MS,
    maxRefusals: MAX_REFUSALS,
    plan: planOf(profile, settings),
  };
  return profile === 'demo' ? compressed(policy) : policy;
}

/** Everything that makes the settings unusable, each with the setting's name and a remedy; empty if they are sound. */
export function policyProblems(profile: PolicyProfile, settings: PolicySettings): string[] {
  const problems: string[] = [];
  const { maxReads, windowMs, minGapMs, errorBackoffMs } = resolvePolicy(profile, settings);
  if (!Number.isInteger(maxReads) || maxReads < 1) {
    problems.push('VF_MAX_CALLS must be a whole number of at least 1: set the number of reads that the vendor allows per token (3)');
  }
  if (!(windowMs > 0) || windowMs > LONGEST_WINDOW_MS) {
    problems.push('VF_WINDOW must be longer than 0 and at most 30 days (720h): set the time for which the vendor keeps a result (24h)');
  }
  if (!(minGapMs >= 0) || minGapMs * Math.max(0, maxReads - 1) >= windowMs) {
    problems.push('VF_POLICY_MIN_GAP must not be negative, and VF_MAX_CALLS reads that far apart must fit into VF_WINDOW: shorten the gap');
  }
  if (!(errorBackoffMs > 0) || errorBackoffMs >= windowMs) {
    problems.push('VF_POLICY_ERROR_BACKOFF must be longer than 0 and shorter than VF_WINDOW: shorten it (30s)');
  }
  return [...problems, ...customProblems(profile, settings)];
}

function customProblems(profile: PolicyProfile, { customOffsetsMs, maxReads, windowMs }: PolicySettings): string[] {
  if (customOffsetsMs === undefined || customOffsetsMs.length === 0) {
    if (profile !== 'custom') return [];
    return ['VF_POLICY_CUSTOM_OFFSETS is needed by the profile custom: give offsets from issuedAt such as 0s,60s,23h'];
  }
  const problems: string[] = [];
  if (customOffsetsMs.length > maxReads) {
    problems.push(`VF_POLICY_CUSTOM_OFFSETS has ${customOffsetsMs.length} offsets but VF_MAX_CALLS is ${maxReads}: remove some`);
  }
  const increasing = [...new Set(customOffsetsMs)].toSorted((one, other) => one - other);
  if (customOffsetsMs.join() !== increasing.join()) {
    problems.push('VF_POLICY_CUSTOM_OFFSETS must be strictly increasing: sort the offsets and remove repetitions');
  }
  if (customOffsetsMs.some((offset) => !(offset >= 0) || offset >= windowMs)) {
    problems.push('VF_POLICY_CUSTOM_OFFSETS must lie inside VF_WINDOW: every offset at least 0s and less than the window');
  }
  return problems;
}

/** The demo counts seconds for hours, also where configuration does not. */
function compressed(policy: Policy): Policy {
  return {
    ...policy,
    minGapMs: Math.min(policy.minGapMs, 500),
    errorBackoffMs: Math.min(policy.errorBackoffMs, 1000),
    sessionAllowanceMs: 1000,
    hintDelayMs: 200,
  };
}
