import type { Dependency } from '../contracts/errors.ts';
import type { HeaderList } from '../contracts/wire/header-text.ts';
import type { DeadLetterReason } from '../contracts/dead-letter-reasons.ts';
import type { DeadLetterStage } from '../contracts/wire/dead-letter.ts';
import type { HintAnswer, HintSignal, OriginMemo, TraceContext, VerificationInput } from '../contracts/workflow.ts';

/** A Kafka record as ingress sees it: bytes and numbers, no client-library type. */
export type InboundRecord = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  /**
   * True: the broker wrote the timestamp when it appended the record (LogAppendTime). Otherwise it is whatever the producer
   * wrote: its clock, the time of another record that this one was made from, 0, or seconds.
   */
  readonly isAppendTime?: boolean;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, readonly Buffer[]>;
  /** All headers in order, only where `headers` cannot tell it. */
  readonly headerList?: HeaderList;
  /** Absent: it is as the broker has it. */
  readonly cut?: Cut;
};

/** A record that was too large to be read as it is: what is left of it, at the end of what it stands for. */
export type Cut =
  /** Its beginning, of `bytes`. `valueBytes`: size of the whole value, where that can be told. */
  | { readonly kind: 'RECORD'; readonly bytes: number; readonly valueBytes?: number }
  /** Nothing: it stands for a compressed batch of so many records, from `firstOffset` to its own. */
  | { readonly kind: 'BATCH'; readonly records: number; readonly firstOffset: string };

/** What the consumer hands over per fetched batch of one partition. */
export type InboundBatch = {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly InboundRecord[];
  /** Next offset to read once every record of the batch is done (`lastOffset + 1`; offsets can have gaps). */
  readonly endOffset: bigint;
  /** Commits the next offset to read. Throws when the partition is no longer ours: stop and rethrow. */
  commit(nextOffset: bigint): Promise<void>;
  /** Keeps the group membership alive. Throws on a rebalance: stop and rethrow. */
  heartbeat(): Promise<void>;
  /** False once the process is stopping or the group was joined anew: do not begin further records. */
  isCurrent(): boolean;
};

export type StartOrder = {
  readonly workflowId: string;
  readonly input: VerificationInput;
  readonly origin: OriginMemo;
};

/**
 * Starts a verification durably. Throws `DependencyUnavailableError` when nobody can say whether it was started, and
 * `StartRefusedError` when the server refuses it, perhaps as it refuses every other.
 */
export type VerificationStarter = {
  start(order: StartOrder): Promise<'STARTED' | 'ALREADY_STARTED'>;
};

/** `REFUSED`: this verification will never take the hint. Throws `DependencyUnavailableError` when nobody can say whether it did. */
export type HintSender = {
  send(workflowId: string, hint: HintSignal): Promise<HintAnswer>;
};

export type DeadLetter = {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The record's own headers, byte for byte, followed by ours. */
  readonly headers: ReadonlyMap<string, readonly Buffer[]>;
  /** The same in order, only where `headers` cannot tell it. */
  readonly headerList?: HeaderList;
};

export type DeadLetterSink = {
  /**
   * Resolves once the brokers acknowledged the record; rejects with `RecordRefusedError` if they will never take it, with
   * `DependencyUnavailableError` otherwise.
   */
  publish(letter: DeadLetter): Promise<void>;
  /** What the topic takes at most. Undefined: nobody knows. */
  readonly maxBytes?: number;
};

/** Seals a token for Temporal; the verification id is bound in as authenticated data. */
export type TokenSealer = { seal(token: string, verificationId: string): string };

/**
 * Bounds what is in progress: queued workflow tasks that time out are re-executed and cost more than they bring.
 * Resolves when one more verification may begin; `release` is idempotent.
 */
export type Admission = {
  acquire(verificationId: string, signal: AbortSignal): Promise<void>;
  release(verificationId: string): void;
};

/** A clock beside that of this process. */
export type TimeWitness = {
  /**
   * The last instant that it is known to have shown, in epoch ms; the true time is that or later. Undefined if it cannot be asked.
   * Throws `DependencyUnavailableError` when it does not answer.
   */
  lastSeenMs(): Promise<number | undefined>;
};

/** Where a record came from; never what it holds. */
export type Position = { readonly topic: string; readonly partition: number; readonly offset: bigint };

export function positionOf({ topic, partition, offset }: Position): Position {
  return { topic, partition, offset };
}

/** Shows how a record is handled to whoever traces it. `carried`: the trace context for what comes of the record. */
export type RecordTracing = (
  about: Position & { readonly trace: TraceContext },
  work: (carried: TraceContext) => Promise<void>,
) => Promise<void>;

/**
 * What ingress waits for. DEFECT: an unexpected error that may concern every record. START_REFUSED: Temporal refuses to start
 * verifications, perhaps all of them. CLOCK: records do not agree with the clock of this process, and nobody says which is right.
 */
export type WaitCause = Dependency | 'DEFECT' | 'START_REFUSED' | 'CLOCK';

/** `detail`: what a person needs to mend it; nothing of a record. */
export type Wait = { readonly cause: WaitCause; readonly detail?: string };

export type HintDrop = 'NOT_FOUND' | 'REFUSED' | 'FAILED' | 'OVERLOAD' | 'STOPPED';

/** What ingress reports; one function per business event, low-cardinality, never throwing. */
export type IngressEvents = {
  /** A record is durable, whatever became of it; a hint may still wait for its workflow. */
  taken(at: Position): void;
  started(at: Position & { readonly verificationId: string }): void;
  alreadyStarted(at: Position & { readonly verificationId: string }): void;
  /** The same token with other fields: the first record won. */
  differs(at: Position & { readonly verificationId: string }): void;
  ignored(at: Position & { readonly why: 'TOMBSTONE' }): void;
  deadLettered(at: Position & { readonly reason: DeadLetterReason; readonly stage: DeadLetterStage; readonly message: string }): void;
  /**
   * The dead-letter topic does not take the record, or it was too large to be read as it is: a stub of it was written. The
   * record itself is at its offset only. `valueBytes`: size of its value, where that can be told.
   */
  deadLetterCut(at: Position & { readonly valueBytes?: number; readonly refusal: string }): void;
  hintDelivered(hint: { readonly verificationId: string; readonly kind: string }): void;
  /** A hint called itself trusted and is taken as untrusted (`VF_TRUST_HINTS`). */
  hintDistrusted(hint: Position & { readonly verificationId: string; readonly kind: string }): void;
  hintDropped(hint: { readonly verificationId: string; readonly why: HintDrop }): void;
  /** Records wait in place; the group membership is kept alive. */
  paused(wait: Wait): void;
  resumed(wait: { readonly cause: WaitCause; readonly pausedMs: number }): void;
  /** An unexpected error while handling one record. Its message is left out: it may quote the record. */
  failed(at: Position & { readonly errorName: string; readonly attempt: number }): void;
};
