import type { AskingRun, RecoveredReads, ReplayOrder, GrantedTo } from '../domain/ledger/asking-run.ts';
import type { OutcomeEvent } from '../domain/outcome.ts';
import type { Policy } from '../domain/policy.ts';
import type { ReadReport } from '../domain/reading/report.ts';
import type { Hint, ReadTrigger } from '../domain/state.ts';

// What crosses the border between clients, workflow and activities. Plain JSON only; nothing here may import zod, node
// or a Temporal package, because the workflow bundle contains it. Instants are RFC 3339 strings: the Temporal UI shows them.

/** Type of the workflow of one token. */
export const WORKFLOW_TYPE = 'resolveVerification';
/** Types of the tiny workflows whose ids are grants (ADR 0010). */
export const GRANTED_READ_TYPE = 'grantedRead';
export const GRANTED_REVISION_TYPE = 'grantedRevision';
/** Type of the failure of an emission that could take back an outcome which nobody remembers: nothing is published. */
export const HOME_GONE = 'HomeGone';
export const HINT_SIGNAL = 'hint';
export const STATE_QUERY = 'state';

/** Stamped into the memo by ingress alone; the UI and the CLI do not copy a memo (ADR 0010). */
export const ORIGIN_MEMO_KEY = 'vfOrigin';
export type OriginMemo = {
  readonly origin: 'ingress';
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly admittedAt: string;
};

/** The one table of search attributes: typed keys for the SDK, with the names and types that `setup` registers. */
export const SEARCH_ATTRIBUTES = {
  outcome: { name: 'VfOutcome', type: 'KEYWORD' },
  reason: { name: 'VfReason', type: 'KEYWORD' },
  stage: { name: 'VfStage', type: 'KEYWORD' },
  readsCounted: { name: 'VfCallsSpent', type: 'INT' },
  deadline: { name: 'VfDeadline', type: 'DATETIME' },
  /** Never the business number itself: see `biz-key.ts` (ADR 0020). */
  bizKey: { name: 'VfBizKey', type: 'KEYWORD' },
  policy: { name: 'VfPolicy', type: 'KEYWORD' },
} as const;

/** `HELD`: a read is due, and the gate is closed. `DECIDED`: the outcome is being emitted, or was; the execution status tells which. */
export const STAGES = ['WAITING', 'READING', 'HELD', 'DECIDED'] as const;
export type Stage = (typeof STAGES)[number];

/** W3C Trace Context as text, checked by ingress; `tracestate` never without `traceparent`. */
export type TraceContext = { readonly traceparent?: string; readonly tracestate?: string };

export type VerificationInput = TraceContext & {
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
  /** The account has a limit, so every read waits its turn in one queue. */
  readonly readsQueued?: true;
  /** Region of the configured vendor host, e.g. `sgp`; goes to the outcome. */
  readonly vendorRegion: string;
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: string; readonly eventId?: string };
  /** Present in a run that an operator's replay started. Never trusted for the quota: it only names where to look. */
  readonly replay?: ReplayOrder;
};

export type VerificationResult = {
  readonly outcome: OutcomeEvent;
  readonly emission: EmissionReceipt;
};

/** Where the outcome landed on Kafka: kept in history as evidence. */
export type EmissionReceipt = { readonly topic: string; readonly partition: number; readonly offset: string };

export type GetResultOrder = AskingRun &
  TraceContext & {
    readonly v: 1;
    readonly verificationId: string;
    readonly sealedToken: string;
    readonly slot: number;
    readonly trigger: ReadTrigger;
    readonly returnImage: 0 | 1 | 2;
    readonly bizNo?: string;
  };

export type EmitOutcomeOrder = AskingRun & TraceContext & { readonly v: 1; readonly event: OutcomeEvent };

/** `event`: what was emitted, if it is not the event ordered: an earlier outcome again, or the next revision. */
export type Emitted = EmissionReceipt & { readonly event?: OutcomeEvent };

/**
 * The workflow task itself does not publish this outcome; an ordinary activity will. `AWAY`: this run has to ask the ledger
 * first. `KAFKA_AWAY`, `KAFKA_SLOW`: whoever waits for Kafka must not keep a workflow task waiting.
 */
export type Postponed = { readonly kind: 'POSTPONED'; readonly why: 'AWAY' | 'KAFKA_AWAY' | 'KAFKA_SLOW' };

export type VerificationActivities = {
  getResult(order: GetResultOrder): Promise<ReadReport | RecoveredReads>;
  /** Called as an ordinary activity, and as a local one by the workflow task that decides at once; only that one can be postponed. */
  emitOutcome(order: EmitOutcomeOrder): Promise<Emitted | RecoveredReads | Postponed>;
};

/** Input of `grantedRead`. Whoever starts it first, once ever, may make read `read`. */
export type GrantedReadInput = {
  readonly v: 1;
  readonly verificationId: string;
  readonly read: number;
  readonly maxReads: number;
  readonly grantedTo: GrantedTo;
};

/** Input of `grantedRevision`. The event is in it, so a repeated emission sends the same bytes. */
export type GrantedRevisionInput = {
  readonly v: 1;
  readonly verificationId: string;
  readonly revision: number;
  readonly grantedTo: GrantedTo;
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
  readonly readsCounted: number;
  readonly readsUncertain: number;
  readonly maxReads: number;
  readonly nextReadAt?: string;
  readonly waitingFor?: string;
  readonly deadlineAt: string;
  readonly outcome?: string;
  readonly reason?: string;
};
