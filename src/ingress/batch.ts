import type { InboundBatch, InboundRecord, Wait } from './ports.ts';
import { createRecordHandler, type RecordPorts } from './record.ts';
import { AbandonedError } from './retry.ts';

export type IngressOptions = Omit<RecordPorts, 'maxConcurrentStarts'> & {
  /** Starts and hint sends under way at once, over all partitions. Default 32. */
  readonly maxConcurrentStarts?: number;
  /** How often a waiting batch heartbeats and commits, in ms; kafkajs sends at most one heartbeat per its own interval. Default 1 s. */
  readonly sliceMs?: number;
  /**
   * After so many ms without progress, a batch in which records fail is given back and fetched anew, because only with what was
   * written since then can be told whether they or everything is at fault. Default: never.
   */
  readonly refetchFailingMs?: number;
};

export type Ingress = {
  /** Resolves when every record is durable and committed, or when the batch is no longer current. Rebalance errors propagate. */
  onBatch(batch: InboundBatch): Promise<void>;
  /** What records wait for, with what a person needs to mend it; not empty: not ready. */
  waits(): readonly Wait[];
  /** Drops waiting hints. Call it after the consumer has stopped. */
  close(): Promise<void>;
};

/** Offsets are committed only after the workflow start is acknowledged or the record is in the dead-letter topic. */
export function createIngress(options: IngressOptions): Ingress {
  const { clock, maxConcurrentStarts = 32, sliceMs = 1000, refetchFailingMs = Number.POSITIVE_INFINITY } = options;
  const { handle, waits, close } = createRecordHandler({ ...options, maxConcurrentStarts });

  async function onBatch(batch: InboundBatch): Promise<void> {
    const watermark = createWatermark(batch.records, batch.endOffset);
    // Aborted once the batch is over: none of its records may wait any longer then.
    const over = new AbortController();
    const handling = handleAll(batch, { watermark, signal: over.signal });
    // Awaited by `attend`; without this a failure while a heartbeat is under way would count as unhandled.
    handling.catch(() => undefined);
    try {
      await attend(batch, { handling, watermark, over });
    } finally {
      over.abort();
    }
  }

  /** Handles records in order of offset, several at once; begins no further one once the batch is not current. */
  async function handleAll(batch: InboundBatch, { watermark, signal }: { watermark: Watermark; signal: AbortSignal }): Promise<void> {
    const queue = batch.records.values();
    const lane = async (): Promise<void> => {
      for (const record of queue) {
        if (signal.aborted || !batch.isCurrent()) return;
        await handle(record, signal);
        watermark.done(record);
      }
    };
    const results = await Promise.allSettled(Array.from({ length: Math.min(maxConcurrentStarts, batch.records.length) }, lane));
    const failed = results.find((result) => result.status === 'rejected' && !(result.reason instanceof AbandonedError));
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Heartbeats and commits while the records are handled. An error of either means that the partition may be another's: stop at once. */
  async function attend(batch: InboundBatch, { handling, watermark, over }: Attendance): Promise<void> {
    // Undefined: a batch without records is committed as well, because it stands for offsets that hold none.
    let committed = batch.records[0]?.offset;
    let progressAtMs = clock.now();
    const commit = async (): Promise<void> => {
      const next = watermark.next();
      if (next === committed) return;
      await batch.commit(next);
      committed = next;
      progressAtMs = clock.now();
    };
    const handled = new AbortController();
    const end = handling.finally(() => handled.abort());
    end.catch(() => undefined);
    while (!handled.signal.aborted) {
      await clock.sleep(sliceMs, handled.signal);
      if (handled.signal.aborted) break;
      if (!batch.isCurrent() || (recordsFail() && clock.now() - progressAtMs >= refetchFailingMs)) over.abort();
      await batch.heartbeat();
      await commit();
    }
    const [outcome] = await Promise.allSettled([end]);
    await commit();
    if (outcome.status === 'rejected') throw outcome.reason;
  }

  const recordsFail = (): boolean => waits().some(({ cause }) => cause === 'DEFECT' || cause === 'START_REFUSED');

  return { onBatch, waits, close };
}

type Attendance = { readonly handling: Promise<void>; readonly watermark: Watermark; readonly over: AbortController };

/**
 * Which records of a batch are done, as a low watermark. kafkajs knows one "last processed" number per partition, so
 * completing out of order must be accounted for here (kafkajs#320: resolving out of order skips records).
 */
type Watermark = {
  done(record: InboundRecord): void;
  /** Next offset to read: that of the first record not yet done, or the batch's end. Offsets may have gaps. */
  next(): bigint;
};

export function createWatermark(records: readonly InboundRecord[], endOffset: bigint): Watermark {
  const finished = new Set<bigint>();
  let first = 0;
  return {
    done(record) {
      finished.add(record.offset);
      for (let head = records[first]; head !== undefined && finished.has(head.offset); head = records[first]) {
        finished.delete(head.offset);
        first += 1;
      }
    },
    next: () => records[first]?.offset ?? endOffset,
  };
}
