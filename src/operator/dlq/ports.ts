import type { EmissionReceipt } from '../../contracts/workflow.ts';
import type { HeaderList } from '../../contracts/wire/header-text.ts';
import type { InboundRecord } from '../../ingress/ports.ts';

/** Offsets of a partition, `until` not included. */
export type Span = { readonly partition: number; readonly from: bigint; readonly until: bigint };

/** What a topic does not give: nothing from `offset` on can be read, up to where reading goes on, if it does. */
export type Unread = { readonly partition: number; readonly offset: bigint; readonly why: string };

/** A topic as it is, read without a consumer group. Everything rejects with `DependencyUnavailableError` if it cannot be read. */
export type TopicSource = {
  /** Each partition from its first record to its end as it is now, so that a topic that grows is read to a fixed end. */
  spans(topic: string): Promise<readonly Span[]>;
  /** Committed records in order of offset, without markers. */
  read(topic: string, span: Span): AsyncIterable<InboundRecord | Unread>;
};

/** A record as it is to be written, byte for byte. */
export type SentAgain = {
  readonly topic: string;
  /** Undefined: that of the key. */
  readonly partition?: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headerList: HeaderList;
  /** Epoch ms. */
  readonly timestampMs: number;
  /** Its age does not hang on that time, so that a topic which takes none as old may get it dated now. */
  readonly mayBeDatedNow: boolean;
};

/**
 * A topic to which records are sent again. `retentionMs`: undefined if it keeps them for ever. `datesRecords`: it writes its own time
 * on each (LogAppendTime), or nobody may know whether it does.
 */
export type Target = { readonly partitions: number; readonly datesRecords: boolean; readonly retentionMs?: number };

export type RedriveTargets = {
  /** Those of `topics` that exist. */
  facts(topics: readonly string[]): Promise<ReadonlyMap<string, Target>>;
  /**
   * Resolves once all in-sync replicas have it.
   * @throws RecordRefusedError when the topic will never take it.
   */
  send(record: SentAgain): Promise<EmissionReceipt>;
};
