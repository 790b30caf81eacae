import type { FarLevel, PolicyProfile } from '../domain/policy.ts';
import type { Reason } from '../domain/reasons.ts';
import type { ReadTrigger } from '../domain/state.ts';
import type { ComparisonVerdict, OutcomeKind, RetryAdvice, RiskLevel } from '../domain/verdict.ts';

/**
 * The value of an outcome record (design §4, reference "Outcome event"). `wire/outcome.ts` holds the zod schema of the
 * same shape; a compile-time test keeps the two equal. It is fixed when `emitOutcome` is scheduled, so every retry and
 * every re-emission sends the same bytes.
 */
export type OutcomeEvent = {
  readonly schemaVersion: '1';
  readonly verificationId: string;
  readonly revision: number;
  readonly final: true;
  /** `ce_id` of the outcome this one replaces. */
  readonly supersedes?: string;
  readonly outcome: OutcomeKind;
  readonly reasons: readonly Reason[];
  readonly retryAdvice: RetryAdvice;
  readonly riskLevel: RiskLevel;
  readonly policy: {
    readonly id: PolicyProfile;
    readonly version: number;
    readonly requiredFar: FarLevel;
    /** The names that decide, after resolving the default. */
    readonly comparisons: readonly string[];
    readonly liveness: 'REQUIRED';
  };
  readonly liveness?: {
    readonly result: string;
    readonly scores?: { readonly flashAttack?: number; readonly livingAttack?: number };
    readonly issueCounts?: Readonly<Record<string, number>>;
  };
  readonly comparisons: readonly ComparisonVerdict[];
  readonly multipleFaces?: boolean;
  readonly vendor: {
    readonly name: 'megvii-faceid';
    readonly product: 'h5-lite-raw';
    readonly region: string;
    readonly status?: string;
    readonly rawStatus?: string;
    readonly errorCode?: string;
  };
  readonly correlation: {
    readonly bizNo?: string;
    readonly sourceEventId?: string;
    readonly sourceTopic: string;
    readonly sourcePartition: number;
    readonly sourceOffset: string;
    readonly workflowId: string;
    readonly runId: string;
    readonly vendorRequestIds: readonly string[];
  };
  readonly retrieval: {
    /** Includes the uncertain ones. */
    readonly callsUsed: number;
    readonly callsUncertain: number;
    readonly callLimit: number;
    readonly firstCallAt?: string;
    readonly lastCallAt?: string;
    readonly trigger?: ReadTrigger;
    readonly windowEndsAt: string;
  };
  readonly timestamps: {
    readonly issuedAt: string;
    readonly startedAt: string;
    readonly completedAt: string;
    readonly emittedAt: string;
  };
  /** Claim checks for stored evidence; empty while the evidence store is off. */
  readonly evidence: readonly never[];
  readonly actor: { readonly type: 'SYSTEM' | 'OPERATOR'; readonly id?: string; readonly justification?: string };
  readonly attributes: Readonly<Record<string, string>>;
  readonly quirks: readonly string[];
};
