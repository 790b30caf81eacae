import type { Place } from './rewinds.ts';

/** A partition of which nothing more can be read for now; other partitions go on. */
export type Hold = Place & {
  readonly why: 'UNREADABLE' | 'OPEN_TRANSACTION';
  /** Of the first record that cannot be had. */
  readonly offset: bigint;
  /** When we first met with it. */
  readonly sinceMs: number;
  /** For people: what is the matter, and the remedy. */
  readonly detail: string;
};

export type HoldEvents = { held(hold: Hold): void; released(hold: Hold): void };

/** What the consumer reports. None of it may throw. */
export type ConsumerEvents = HoldEvents & {
  joined(group: { readonly generation: number; readonly assignment: Readonly<Record<string, readonly number[]>> }): void;
  rebalancing(): void;
  /** The consumer ended by itself and is built anew after `rebuildInMs`. */
  crashed(crash: { readonly error: string; readonly rebuildInMs: number }): void;
  /** An unexpected error came out of the batch handler; the batch will be read again. */
  batchFailed(batch: { readonly topic: string; readonly partition: number; readonly error: string }): void;
  batchHandled(batch: {
    readonly topic: string;
    readonly partition: number;
    readonly records: number;
    readonly durationMs: number;
    readonly lag: bigint;
  }): void;
  /** How far the end of a partition is away, as of the last answer to a fetch, whether it brought records or not. */
  measured(place: Place & { readonly lag: bigint }): void;
  /** A topic is read again from its beginning: a broker did not know it for a while, or it was made anew. That loses nothing. */
  rewound(place: { readonly topic: string }): void;
  /** Records were deleted (retention, or by hand) before they were read: at most those from `position` up to `begin`. */
  recordsLost(loss: {
    readonly topic: string;
    readonly partition: number;
    readonly position: bigint;
    readonly begin: bigint;
    readonly atMost: bigint;
  }): void;
  /** Reading starts again at the beginning of a partition, and nobody can tell what was missed. */
  lossPossible(place: {
    readonly topic: string;
    readonly partition: number;
    readonly why: LossCause;
    /** The first offset that had not been read, if it is known. */
    readonly position?: bigint;
    /** The first offset there is, if it is known. */
    readonly begin?: bigint;
  }): void;
};

/** Why records may have been lost: the topic was made anew, the log ends before our position, or the group has no position. */
export type LossCause = 'TOPIC_RECREATED' | 'LOG_CUT' | 'NO_POSITION';

/** What the producer reports. None of it may throw. */
export type ProducerEvents = {
  sent(send: { readonly topic: string; readonly records: number; readonly durationMs: number }): void;
  sendFailed(send: { readonly topic: string; readonly records: number; readonly error: string }): void;
};
