import type { Policy } from '../domain/policy.ts';
import type { ReadReport } from '../domain/read-report.ts';
import type { Hint } from '../domain/state.ts';
import type { OutcomeEvent } from './outcome.ts';

/**
 * What crosses the border between clients, workflow and activities. Plain JSON only; nothing here may import zod, node
 * or a Temporal package, because the workflow bundle contains it. Instants are RFC 3339 strings: the Temporal UI shows them.
 */
export const WORKFLOW_TYPE = 'resolveVerification';
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
};

export type VerificationResult = {
  readonly outcome: OutcomeEvent;
  readonly emission: EmissionReceipt;
};

/** Where the outcome landed on Kafka: kept in history as evidence. */
export type EmissionReceipt = { readonly topic: string; readonly partition: number; readonly offset: string };

export type GetResultOrder = {
  readonly v: 1;
  readonly verificationId: string;
  readonly sealedToken: string;
  readonly slot: number;
  readonly maxCalls: number;
  readonly deadlineAt: string;
  readonly returnImage: 0 | 1 | 2;
  readonly bizNo?: string;
  /** From `workflowInfo()`; the activity compares it with its own run id, which a reset cannot copy. */
  readonly originalRunId: string;
  /** True if the run's memo carries the ingress stamp. */
  readonly stamped: boolean;
};

export type EmitOutcomeOrder = { readonly v: 1; readonly event: OutcomeEvent; readonly traceparent?: string };

export type VerificationActivities = {
  getResult(order: GetResultOrder): Promise<ReadReport>;
  emitOutcome(order: EmitOutcomeOrder): Promise<EmissionReceipt>;
};

export type HintSignal = Hint;

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
