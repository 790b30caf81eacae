import type { Policy } from '../domain/policy.ts';
import type { ReadReport } from '../domain/read-report.ts';
import type { QuotaRule } from '../domain/slots.ts';
import type { Hint, ReadTrigger } from '../domain/state.ts';
import type { OutcomeEvent } from './outcome.ts';

/**
 * What crosses the border between clients, workflow and activities. Plain JSON only; nothing here may import zod, node
 * or a Temporal package, because the workflow bundle contains it. Instants are RFC 3339 strings: the Temporal UI shows them.
 */
export const WORKFLOW_TYPE = 'resolveVerification';
/** Types of the tiny workflows whose ids are reservations (design §6). */
export const RESERVED_READ_TYPE = 'reservedRead';
export const RESERVED_REVISION_TYPE = 'reservedRevision';
/** Type of the failure of an emission that could take back an outcome which nobody remembers: nothing is published. */
export const HOME_GONE = 'HomeGone';
export const HINT_SIGNAL = 'hint';
export const STATE_QUERY = 'state';

/** Stamped into the memo by ingress alone; the UI and the CLI do not copy a memo (design §6). */
export const ORIGIN_MEMO_KEY = 'vfOrigin';
export type OriginMemo = {
  readonly origin: 'ingress';
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly admittedAt: string;
};

export const SEARCH_ATTRIBUTES = {
  VfOutcome: 'KEYWORD',
  VfReason: 'KEYWORD',
  VfStage: 'KEYWORD',
  VfCallsSpent: 'INT',
  VfDeadline: 'DATETIME',
  VfBizNo: 'KEYWORD',
  VfPolicy: 'KEYWORD',
} as const;

/** `DECIDED`: the outcome is fixed; the execution status tells whether it is emitted yet. */
export type Stage = 'WAITING' | 'READING' | 'DECIDED';

export type VerificationInput = {
  readonly v: 1;
  readonly verificationId: string;
  /** AES-256-GCM envelope, opened only inside `getResult`. */
  readonly sealedToken: string;
  readonly issuedAt: string;
  readonly admittedAt: string;
  readonly tokenExpiresAt: string;
  readonly sessionEndedAt?: string;
  /** `issuedAt` + window: no read after it, and every verification has its outcome by then. */
  readonly deadlineAt: string;
  readonly comparisons: readonly string[];
  readonly bizNo?: string;
  readonly returnImage: 0 | 1 | 2;
  readonly attributes: Readonly<Record<string, string>>;
  readonly policy: Policy;
  /** Region of the configured vendor host, e.g. `sgp`; goes to the outcome. */
  readonly vendorRegion: string;
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: string; readonly eventId?: string };
  readonly traceparent?: string;
  /** Present in a run that an operator's replay started. Never trusted for the quota: it only names where to look. */
  readonly replay?: ReplayOrder;
};

/** Who repeats a finished verification and why. `requiredFar` and the like are in the policy of the input. */
export type ReplayOrder = {
  /** The run that ingress started, see {@link ORIGIN_MEMO_KEY}. */
  readonly homeRunId: string;
  readonly operator: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly requestedAt: string;
  /** The order that this one follows, if that was given no earlier by the clock of another machine: this one is newer. */
  readonly after?: string;
};

export type VerificationResult = {
  readonly outcome: OutcomeEvent;
  readonly emission: EmissionReceipt;
};

/** Where the outcome landed on Kafka: kept in history as evidence. */
export type EmissionReceipt = { readonly topic: string; readonly partition: number; readonly offset: string };

/** Which run asks and what it knows of the reads: for the quota guard and the ledger (design §6). */
export type AskingRun = QuotaRule & {
  /** From `workflowInfo()`; the activity compares it with its own run id, which a reset cannot copy. */
  readonly originalRunId: string;
  /** True if the run's memo carries the ingress stamp. */
  readonly stamped: boolean;
  /** Reads that this run knows of and that count, the one asked for aside. */
  readonly countedReads: number;
  /** How many of these it knows the vendor's answer of. Absent: as many as count. */
  readonly spentReads?: number;
  /** How many of these may not have been made, which the ledger can say. Absent: none. */
  readonly unconfirmedReads?: number;
  readonly deadlineAt: string;
  /** From `VerificationInput.replay`. */
  readonly replay?: ReplayOrder;
};

/** One read as the ledger knows it, of whatever run of the verification. */
export type LedgerRead = {
  readonly scheduledAt: string;
  readonly trigger?: ReadTrigger;
  readonly endedAt?: string;
  /** UNCERTAIN if nothing more will be heard of it. */
  readonly report: ReadReport;
  /** Number of its reservation; absent: a read of the home run. */
  readonly reserved?: number;
};

/** The work was not done: the ledger knows better than the run that asked. It takes these for all reads and decides again. */
export type RecoveredReads = { readonly kind: 'RECOVERED'; readonly reads: readonly LedgerRead[] };

export type GetResultOrder = AskingRun & {
  readonly v: 1;
  readonly verificationId: string;
  readonly sealedToken: string;
  readonly slot: number;
  readonly trigger: ReadTrigger;
  readonly returnImage: 0 | 1 | 2;
  readonly bizNo?: string;
};

export type EmitOutcomeOrder = AskingRun & { readonly v: 1; readonly event: OutcomeEvent; readonly traceparent?: string };

/** `event`: what was emitted, if it is not the event ordered: an earlier outcome again, or the next revision. */
export type Emitted = EmissionReceipt & { readonly event?: OutcomeEvent };

export type VerificationActivities = {
  getResult(order: GetResultOrder): Promise<ReadReport | RecoveredReads>;
  emitOutcome(order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads>;
};

/** Whose reservation it is: the activity whose history tells what came of it. */
export type ReservedBy = {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly replay?: ReplayOrder;
};

/** Input of `reservedRead`. Whoever starts it first, once ever, may make read `read`. */
export type ReservedReadInput = {
  readonly v: 1;
  readonly verificationId: string;
  readonly read: number;
  readonly maxCalls: number;
  readonly reservedBy: ReservedBy;
};

/** Input of `reservedRevision`. The event is in it, so a repeated emission sends the same bytes. */
export type ReservedRevisionInput = {
  readonly v: 1;
  readonly verificationId: string;
  readonly revision: number;
  readonly reservedBy: ReservedBy;
  readonly event: OutcomeEvent;
};

/** `recordedAt`: when the record that holds the hint was written. With it, the same hint delivered again is known for it. */
export type HintSignal = Pick<Hint, 'kind' | 'trusted'> & { readonly recordedAt?: string };

/** `NOT_FOUND`: nothing of that id runs. `REFUSED`: what runs will never take it. */
export type HintAnswer = 'DELIVERED' | 'NOT_FOUND' | 'REFUSED';

/** Answer of the `state` query. */
export type VerificationView = {
  readonly verificationId: string;
  readonly stage: Stage;
  readonly readsSpent: number;
  readonly readsUncertain: number;
  readonly maxCalls: number;
  readonly nextReadAt?: string;
  readonly waitingFor?: string;
  readonly deadlineAt: string;
  readonly outcome?: string;
  readonly reason?: string;
};
