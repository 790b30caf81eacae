import type { FarLevel } from './policy.ts';
import type { Reason } from './reasons.ts';

export const OUTCOMES = ['PASSED', 'FAILED', 'NEEDS_REVIEW', 'NOT_COMPLETED', 'EXPIRED', 'ERROR'] as const;
/** EXPIRED and ERROR mean "we do not know"; they are never a rejection. */
export type OutcomeKind = (typeof OUTCOMES)[number];

export const RETRY_ADVICE = ['NONE', 'NEW_VERIFICATION', 'REDRIVE_SAME_TOKEN', 'WAIT_VENDOR', 'MANUAL_REVIEW'] as const;
export type RetryAdvice = (typeof RETRY_ADVICE)[number];

export const RISK_LEVELS = ['LOW', 'MEDIUM', 'HIGH', 'UNKNOWN'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

export type ComparisonVerdict = {
  readonly name: string;
  readonly confidence?: number;
  readonly thresholds: Readonly<Partial<Record<FarLevel, number>>>;
  readonly farLevelMet?: FarLevel;
  /** True if this comparison decides (it was asked for, or is a `result_ref<n>` when none was). */
  readonly required: boolean;
  readonly passed: boolean;
};

/** What a verification ended as. `reasons` is ordered, the first is primary; PASSED has none, unless a person gave it. */
export type Verdict = {
  readonly outcome: OutcomeKind;
  readonly reasons: readonly Reason[];
  readonly retryAdvice: RetryAdvice;
  readonly riskLevel: RiskLevel;
  readonly comparisons: readonly ComparisonVerdict[];
};
