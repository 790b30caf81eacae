import type { DeadLetterReason, DeadLetterStage } from '../contracts/wire/dead-letter.ts';

/** Where a record came from; never what it holds. */
export type Position = { readonly topic: string; readonly partition: number; readonly offset: bigint };

export function positionOf({ topic, partition, offset }: Position): Position {
  return { topic, partition, offset };
}

/** What ingress waits for; DEFECT: an unexpected error that may concern every record. */
export type WaitCause = 'kafka' | 'temporal' | 'DEFECT';

export type HintDrop = 'NOT_FOUND' | 'REFUSED' | 'FAILED' | 'OVERLOAD' | 'STOPPED';

/** What ingress reports; one function per business event, low-cardinality, never throwing. */
export type IngressEvents = {
  started(at: Position & { readonly verificationId: string }): void;
  alreadyStarted(at: Position & { readonly verificationId: string }): void;
  /** The same token with other fields: the first record won. */
  differs(at: Position & { readonly verificationId: string }): void;
  ignored(at: Position & { readonly why: 'TOMBSTONE' }): void;
  deadLettered(at: Position & { readonly reason: DeadLetterReason; readonly stage: DeadLetterStage; readonly message: string }): void;
  /** The dead-letter topic refuses the record; a stub of it was written. The record itself is at its offset only. */
  deadLetterCut(at: Position & { readonly valueBytes: number; readonly refusal: string }): void;
  hintDelivered(hint: { readonly verificationId: string; readonly kind: string }): void;
  hintDropped(hint: { readonly verificationId: string; readonly why: HintDrop }): void;
  /** Records wait in place; the group membership is kept alive. */
  paused(wait: { readonly cause: WaitCause }): void;
  resumed(wait: { readonly cause: WaitCause; readonly pausedMs: number }): void;
  /** An unexpected error while handling one record. Its message is left out: it may quote the record. */
  failed(at: Position & { readonly errorName: string; readonly attempt: number }): void;
};
