/** What a request may name. `demo` is left to configuration: its gaps are too short for a real vendor. */
export const REQUEST_PROFILES = ['issued', 'completed', 'hinted', 'patient', 'custom'] as const;
export const POLICY_PROFILES = [...REQUEST_PROFILES, 'demo'] as const;
export type PolicyProfile = (typeof POLICY_PROFILES)[number];

/** False-accept levels for which the vendor returns `thresholds`, loosest first. */
export const FAR_LEVELS = ['1e-3', '1e-4', '1e-5', '1e-6'] as const;
export type FarLevel = (typeof FAR_LEVELS)[number];

/** One planned read: `max(anchor + offsetMs, issuedAt + notBeforeMs)`, before jitter. */
export type PlannedRead = {
  readonly anchor: 'ISSUED' | 'ADMITTED' | 'EXPIRY';
  readonly offsetMs: number;
  readonly notBeforeMs: number;
  /** The reserve is the last slot, kept for the end of the window. At most one, and it is the last entry. */
  readonly reserve: boolean;
};

/** The part of a policy that settings give as it stands. All durations are milliseconds. */
export type PolicyTerms = {
  /** The vendor answers at most this many reads per token; it documents 3 (docs/vendor.md). */
  readonly maxReads: number;
  /** From `issuedAt`; no read is made after it. The vendor documents one day (docs/vendor.md). */
  readonly windowMs: number;
  /** Two reads of one token are never closer than this. */
  readonly minGapMs: number;
  /** After an uncertain, failed or unsent read, the next one waits at least this long. */
  readonly errorBackoffMs: number;
  /** True: refused requests count as reads (`VF_COUNT_REFUSED`). */
  readonly countRefused: boolean;
  /** A comparison passes when its confidence is at least the response's own threshold of this level. */
  readonly requiredFar: FarLevel;
};

/**
 * How the vendor's few reads are planned. A policy is resolved data: every default is already applied, it travels in the
 * workflow input, and nothing in a running workflow reads configuration.
 */
export type Policy = PolicyTerms & {
  readonly id: PolicyProfile;
  readonly version: 1;
  /** A session that began before token expiry is over this long after it. */
  readonly sessionAllowanceMs: number;
  /** A read brought forward by a hint, or by `sessionEndedAt`, is due this long after it. */
  readonly hintDelayMs: number;
  /** Requests the vendor refused before looking give their slot back this many times at most. */
  readonly maxRefusals: number;
  readonly plan: readonly PlannedRead[];
};
