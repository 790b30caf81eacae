import type { GateView } from '../contracts/gate.ts';
import type { Mandate } from '../contracts/mandate.ts';
import type { EmissionReceipt, HintAnswer, HintSignal, Stage } from '../contracts/workflow.ts';
import type { GateState } from '../domain/gate/gate.ts';
import type { OutcomeKind } from '../domain/verdict.ts';
import type { Timeline } from './timeline/ports.ts';

/** Writes one record; resolves once the brokers acknowledged it. */
export type RecordPublisher = {
  publish(record: {
    readonly topic: string;
    readonly key: string;
    /** Null: whatever a compacted topic has under the key is to be forgotten. */
    readonly value: string | null;
    readonly headers: Readonly<Record<string, string>>;
  }): Promise<EmissionReceipt>;
};

export type HintPort = { send(workflowId: string, hint: HintSignal): Promise<HintAnswer> };

export type ExecutionStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED' | 'TIMED_OUT' | 'PAUSED' | 'OTHER';

/** One scheduled read, as history shows it. */
export type ReadSeen = {
  readonly number: number;
  readonly scheduledAt: string;
  readonly endedAt?: string;
  /** Kind and code of its report in the ledger, e.g. `ANSWER OK`; `IN_FLIGHT` while there is none, `RECOVERED` if none was made. */
  readonly result: string;
};

/** Everything the command line shows of one verification. */
export type VerificationDetails = {
  readonly verificationId: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly status: ExecutionStatus;
  readonly stage?: Stage;
  readonly startedAt: string;
  readonly closedAt?: string;
  readonly readsCounted?: number;
  readonly readsUncertain?: number;
  readonly maxReads?: number;
  readonly nextReadAt?: string;
  readonly waitingFor?: string;
  readonly deadlineAt?: string;
  readonly policy?: string;
  readonly outcome?: OutcomeKind;
  readonly reasons: readonly string[];
  readonly retryAdvice?: string;
  readonly emission?: EmissionReceipt;
  readonly reads: readonly ReadSeen[];
  /** Said when a running verification could not be asked, e.g. because no worker runs. */
  readonly note?: string;
  /** All runs, and not only the latest, if it was asked for. */
  readonly timeline?: Timeline;
};

export type VerificationRow = {
  readonly verificationId: string;
  readonly workflowId: string;
  readonly status: ExecutionStatus;
  readonly startedAt: string;
  readonly stage?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly readsCounted?: number;
  readonly deadlineAt?: string;
  readonly closedAt?: string;
};

/** Where a running verification stands, as its history tells; what visibility does not know. */
export type Progress = {
  readonly nextReadAt?: string;
  readonly waitingFor?: string;
  /** Since when a read has waited for a worker to take it. */
  readonly parkedSince?: string;
  /** Reads that ended and of which nobody knows whether the vendor looked. */
  readonly uncertainReads: number;
};

/** Looks beyond visibility: one or two requests for each verification. */
export type ProgressReader = { progress(workflowId: string): Promise<Progress | undefined> };

/** How many executions a query finds, as visibility knows them. */
export type Counter = { count(query: string): Promise<number> };

/** Records of a topic that the consumer group has yet to settle; a group that never committed has all of them to do. */
export type TopicLag = { readonly topic: string; readonly records: number };
export type LagReader = { lag(): Promise<readonly TopicLag[]> };

export type VerificationReader = {
  /** Undefined when no such verification is known (or it is past the namespace's retention). */
  details(workflowId: string, options?: { readonly timeline: true }): Promise<VerificationDetails | undefined>;
  /**
   * Newest first, as visibility knows them (eventually consistent). Rejects with `QueryRefusedError` when the server does not
   * understand the query, with `DependencyUnavailableError` when it does not answer.
   */
  list(query: string, limit: number): AsyncIterable<VerificationRow>;
};

/** Where the gate stands, and what the server's queue of the reads does. */
export type GateStatus = {
  readonly region: string;
  readonly workflowId: string;
  readonly state: GateState;
  /** How many reads a second it lets begin; absent: as many as come. */
  readonly readsPerSecond?: number;
  readonly queue: {
    readonly name: string;
    readonly waiting: number;
    /** What is set on the server; absent: nothing. */
    readonly perSecond?: number;
    readonly pollers: number;
  };
};

/** `REFUSED`: it would change nothing, or the order is not valid; `why` is a sentence. */
export type GateOrdered = { readonly result: 'DONE'; readonly view: GateView } | { readonly result: 'REFUSED'; readonly why: string };

export type GatePort = {
  status(): Promise<GateStatus>;
  /** Rejects with `DependencyUnavailableError` if nobody can say whether it was done. */
  order(what: 'hold' | 'resume', mandate: Mandate): Promise<GateOrdered>;
};

/**
 * `missing`: `make` would make it. `unfit`: it is there, but cannot be used as it is; the problem says why, and the remedy.
 * `warnings`: what is wrong with it, each with its setting and consequence. Setup is done all the same.
 */
export type Made = { readonly what: string; readonly name: string; readonly warnings?: readonly string[] } & (
  | { readonly result: 'made' | 'kept' | 'missing' }
  | { readonly result: 'unfit'; readonly problem: string }
);

/** One thing that must exist before the service runs. */
export type SetupPort = { readonly what: string; inspect(): Promise<readonly Made[]>; make(): Promise<readonly Made[]> };
