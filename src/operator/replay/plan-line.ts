import type { FarLevel } from '../../domain/policy.ts';
import type { LedgerDoubt } from '../../domain/reading/report.ts';
import type { OutcomeKind } from '../../domain/verdict.ts';

/**
 * RE_EMIT: the latest outcome again, byte for byte. RE_DECIDE: the reads made so far give another outcome, the next
 * revision. READ: there is no verdict, and reads and time are left. REFUSE: a replay cannot bring anything.
 */
export const REPLAY_ACTIONS = ['RE_EMIT', 'RE_DECIDE', 'READ', 'REFUSE'] as const;
export type ReplayAction = (typeof REPLAY_ACTIONS)[number];

export const PLAN_CODES = [
  'VERDICT_UNCHANGED',
  'EMISSION_UNCONFIRMED',
  'OTHER_VERDICT',
  'NO_OUTCOME_YET',
  'NO_VERDICT',
  'NOT_FOUND',
  'STILL_RUNNING',
  'NO_LONGER_SELECTED',
  'QUOTA_EXHAUSTED',
  'WINDOW_PASSED',
  'RESULT_DESTROYED',
  'LEDGER_UNKNOWN',
  'UNREADABLE',
] as const;
export type PlanCode = (typeof PLAN_CODES)[number];

/** What decides about the answer; absent: as the present outcome was decided. */
export type PolicyAsked = { readonly requiredFar?: FarLevel; readonly comparisons?: readonly string[] };

export type PlanPolicy = Required<PolicyAsked>;

export type PlanLine = {
  readonly verificationId: string;
  readonly action: ReplayAction;
  readonly code: PlanCode;
  readonly doubt?: LedgerDoubt;
  /** With UNREADABLE: what went wrong. */
  readonly problem?: string;
  readonly homeRunId?: string;
  /** `atMost`: vendor reads that the replay may spend. */
  readonly reads?: { readonly used: number; readonly left: number; readonly limit: number; readonly atMost: number };
  readonly window?: { readonly endsAt: string; readonly leftMs: number };
  /** The outcome that stands now. */
  readonly present?: { readonly ceId: string; readonly outcome: OutcomeKind; readonly reasons: readonly string[] };
  /** What RE_DECIDE emits. */
  readonly next?: { readonly outcome: OutcomeKind; readonly reasons: readonly string[] };
  /** What the replay decides by. */
  readonly policy?: PlanPolicy;
};
