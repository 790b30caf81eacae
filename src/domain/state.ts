import type { Ruling } from './ledger/asking-run.ts';
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
  /** What a person has decided; absent in every run but those that publish that. */
  readonly ruled?: Ruling['verdict'];
  /** Vendor names that must match; empty: every `result_ref<n>` returned, at least one. */
  readonly comparisons: readonly string[];
  readonly policy: Policy;
  /** All reads of the account wait in one queue, because it has a limit. */
  readonly readsQueued?: true;
};

/** How a session is said to have ended. The hint topic, the signal and the command line take these and no others. */
export const HINT_KINDS = ['SESSION_ENDED', 'SESSION_FAILED'] as const;
export type HintKind = (typeof HINT_KINDS)[number];

export type Hint = {
  readonly kind: HintKind;
  /** Only a trusted hint may bring the reserve forward. */
  readonly trusted: boolean;
  /** When it was put on record; the same hint delivered again says the same. Absent: it counts whenever it comes. */
  readonly recordedAtMs?: number;
};

/** The latest recorded hint of its kind and trust. */
export type HeardHint = Required<Hint>;

/** What made a read due. */
export const READ_TRIGGERS = ['SCHEDULE', 'HINT', 'DEADLINE', 'OPERATOR'] as const;
export type ReadTrigger = (typeof READ_TRIGGERS)[number];

export type ReadRecord = {
  /** 1-based number of this dispatch (given-back reads included), for labels. */
  readonly number: number;
  readonly scheduledAtMs: number;
  readonly trigger: ReadTrigger;
  /** Absent while the read is in flight. */
  readonly report?: ReadReport;
  readonly endedAtMs?: number;
  /** Number of its grant, known from the ledger. A granted read counts whatever came of it (ADR 0010). */
  readonly granted?: number;
  /** Only the ledger can say whether it was made at all; see `isUnconfirmed`. */
  readonly unconfirmed?: true;
  /** It waits, or waited, in the queue that the gate holds. */
  readonly parked?: true;
};

/** A read as the ledger of the verification knows it: it is over, or nothing more will be heard of it. */
export type LedgerRecord = Omit<ReadRecord, 'number' | 'report' | 'unconfirmed' | 'parked'> & { readonly report: ReadReport };

/** How often the ledger did not know reads that this run had counted, and when it last said so (epoch ms). */
export type StruckOff = { readonly times: number; readonly lastAtMs: number };

/**
 * An outcome that is being published. It is fixed: every repetition sends the same bytes, so verdict and instant are kept.
 * `stops`: how often somebody stopped the emission by hand. `stoppedAtMs`: it is stopped now, since then (epoch ms).
 */
export type Emission = {
  readonly verdict: Verdict;
  readonly decidedAtMs: number;
  readonly stops: number;
  readonly stoppedAtMs?: number;
};

export type State = {
  readonly assignment: Assignment;
  readonly reads: readonly ReadRecord[];
  /** The hint that counts (hints coalesce) and when it came. */
  readonly hint?: Hint & { readonly receivedAtMs: number };
  /** At most one of each kind and trust. */
  readonly heard: readonly HeardHint[];
  readonly cancelled: boolean;
  /** It has learnt that it is not the home run: the ledger answered it, or one of its reads was granted. */
  readonly away?: true;
  /** Absent: never. */
  readonly struckOff?: StruckOff;
  /** Present from the moment the outcome is fixed, unless the ledger withdraws it. */
  readonly emission?: Emission;
};

export type VerificationEvent =
  | { readonly kind: 'READ_SCHEDULED'; readonly atMs: number; readonly trigger: ReadTrigger; readonly parked?: true }
  | { readonly kind: 'READ_ENDED'; readonly atMs: number; readonly report: ReadReport }
  | { readonly kind: 'LEDGER_RECOVERED'; readonly atMs: number; readonly reads: readonly LedgerRecord[] }
  | { readonly kind: 'EMISSION_SCHEDULED'; readonly atMs: number; readonly verdict: Verdict }
  /** The emission is over without a receipt: an operator ended it, or limited its attempts. */
  | { readonly kind: 'EMISSION_STOPPED'; readonly atMs: number }
  | { readonly kind: 'HINT_RECEIVED'; readonly atMs: number; readonly hint: Hint }
  | { readonly kind: 'CANCEL_REQUESTED'; readonly atMs: number };

/** Why the workflow is waiting; `contracts/text` turns it into what the Temporal UI shows. */
export const WAIT_REASONS = [
  'SESSION',
  'PLANNED_READ',
  'RESERVE',
  'BACKOFF',
  'HINTED',
  'HELD',
  'LEDGER_AWAY',
  'STRUCK_OFF',
  'EMISSION_STOPPED',
  'DEADLINE',
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

export type Decision =
  | { readonly kind: 'WAIT'; readonly untilMs: number; readonly why: WaitReason; readonly nextReadAtMs?: number }
  /** `parked`: it waits in the queue of all reads until the gate, or the account's limit, lets it begin. */
  | { readonly kind: 'READ'; readonly slot: number; readonly trigger: ReadTrigger; readonly parked?: true }
  /**
   * Publish this verdict, which was reached at `decidedAtMs`: earlier than now if it is published once more. `atOnce`: it follows
   * from the recorded reads alone, whatever else happens, so it may be sent before this decision is in history (ADR 0018).
   */
  | { readonly kind: 'FINISH'; readonly verdict: Verdict; readonly decidedAtMs: number; readonly atOnce?: true };

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
