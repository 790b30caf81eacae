import type { Policy } from './policy.ts';
import type { ReadReport } from './reading/report.ts';
import type { Verdict } from './verdict.ts';

/** What a verification is asked to find out; fixed at admission. Instants are epoch milliseconds. */
export type Assignment = {
  readonly verificationId: string;
  readonly issuedAtMs: number;
  readonly admittedAtMs: number;
  readonly tokenExpiresAtMs: number;
  readonly sessionEndedAtMs?: number;
  /** When an operator asked to replay it; absent in every other run. */
  readonly replayedAtMs?: number;
  /** Vendor names that must match; empty: every `result_ref<n>` returned, at least one. */
  readonly comparisons: readonly string[];
  readonly policy: Policy;
};

export type Hint = {
  readonly kind: 'SESSION_ENDED' | 'SESSION_FAILED';
  /** Only a trusted hint may bring the reserve forward. */
  readonly trusted: boolean;
  /** When it was put on record; the same hint delivered again says the same. Absent: it counts whenever it comes. */
  readonly recordedAtMs?: number;
};

/** The latest recorded hint of its kind and trust. */
export type HeardHint = Required<Hint>;

/** What made a read due. */
export type ReadTrigger = 'SCHEDULE' | 'HINT' | 'DEADLINE' | 'OPERATOR';

export type ReadRecord = {
  /** 1-based number of this dispatch (given-back reads included), for labels. */
  readonly number: number;
  readonly scheduledAtMs: number;
  readonly trigger: ReadTrigger;
  /** Absent while the read is in flight. */
  readonly report?: ReadReport;
  readonly endedAtMs?: number;
  /** Number of its grant (design §6), known from the ledger. A granted read counts whatever came of it. */
  readonly granted?: number;
  /** Only the ledger can say whether it was made at all; see `isUnconfirmed`. */
  readonly unconfirmed?: true;
  /** Met by a run whose history follows the rules from before `isJudgedAnew`: it is taken by those, in every replay. */
  readonly formerRules?: true;
};

/** A read as the ledger of the verification knows it: it is over, or nothing more will be heard of it. */
export type LedgerRecord = Omit<ReadRecord, 'number' | 'report' | 'unconfirmed'> & { readonly report: ReadReport };

export type State = {
  readonly assignment: Assignment;
  readonly reads: readonly ReadRecord[];
  /** The hint that counts (hints coalesce) and when it came. */
  readonly hint?: Hint & { readonly receivedAtMs: number };
  /** At most one of each kind and trust. */
  readonly heard: readonly HeardHint[];
  readonly cancelled: boolean;
};

export type VerificationEvent =
  | { readonly kind: 'READ_SCHEDULED'; readonly atMs: number; readonly trigger: ReadTrigger }
  | {
      readonly kind: 'READ_ENDED';
      readonly atMs: number;
      readonly report: ReadReport;
      readonly unconfirmed?: true;
      readonly formerRules?: true;
    }
  | { readonly kind: 'LEDGER_RECOVERED'; readonly atMs: number; readonly reads: readonly LedgerRecord[] }
  | { readonly kind: 'HINT_RECEIVED'; readonly atMs: number; readonly hint: Hint }
  | { readonly kind: 'CANCEL_REQUESTED'; readonly atMs: number };

/** Why the workflow is waiting; the workflow turns it into the label shown in the Temporal UI. */
export type WaitReason = 'SESSION' | 'PLANNED_READ' | 'RESERVE' | 'BACKOFF' | 'HINTED' | 'DEADLINE';

export type Decision =
  | { readonly kind: 'WAIT'; readonly untilMs: number; readonly why: WaitReason; readonly nextReadAtMs?: number }
  | { readonly kind: 'READ'; readonly slot: number; readonly trigger: ReadTrigger }
  | { readonly kind: 'FINISH'; readonly verdict: Verdict };

/** The state of a verification before anything happened to it. */
export function initialState(assignment: Assignment): State {
  return { assignment, reads: [], heard: [], cancelled: false };
}

/** `issuedAt` + window, epoch ms: no read at or after it, and every verification has its outcome by then. */
export function deadlineMs(assignment: Assignment): number {
  return assignment.issuedAtMs + assignment.policy.windowMs;
}

/** From this instant (epoch ms) on no session of the token can be running: it began before expiry and is over since. */
export function sessionsOverAtMs(assignment: Assignment): number {
  return assignment.tokenExpiresAtMs + assignment.policy.sessionAllowanceMs;
}
