import type { InboundRecord } from './ports.ts';

/**
 * Which records of a batch are done, as a low watermark. kafkajs knows one "last processed" number per partition, so
 * completing out of order must be accounted for here (kafkajs#320: resolving out of order skips records).
 */
export type Watermark = {
  done(record: InboundRecord): void;
  /** Next offset to read: that of the first record not yet done, or the batch's end. Offsets may have gaps. */
  next(): bigint;
  isComplete(): boolean;
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
    isComplete: () => first >= records.length,
  };
}
