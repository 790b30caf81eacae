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
  /** Reading starts again at the beginning of these topics (undefined partition: all of the topic). */
  rewound(place: {
    readonly topic: string;
    readonly partition?: number;
    readonly why: 'TOPIC_UNKNOWN' | 'TOPIC_RECREATED' | 'OUT_OF_RANGE';
  }): void;
};

/** What the producer reports. None of it may throw. */
export type ProducerEvents = {
  sent(send: { readonly topic: string; readonly records: number; readonly durationMs: number }): void;
  sendFailed(send: { readonly topic: string; readonly records: number; readonly error: string }): void;
};
