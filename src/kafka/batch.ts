import type { EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import type { InboundBatch, InboundRecord } from '../ingress/ports.ts';

/** The group was joined anew since the batch was fetched: its partition may be another member's. */
export class StaleBatchError extends Error {
  override readonly name = 'StaleBatchError';
}

/**
 * A kafkajs batch behind our port. Commits go through the callback of the batch alone: `consumer.commitOffsets` wraps a
 * rebalance error so that kafkajs no longer knows it, and the consumer dies for good (kafkajs#1712).
 */
export function inboundBatch(payload: EachBatchPayload, isCurrentGeneration: () => boolean): InboundBatch {
  const { topic, partition } = payload.batch;
  return {
    topic,
    partition,
    records: payload.batch.messages.map((message) => inboundRecord(message, { topic, partition })),
    endOffset: BigInt(payload.batch.lastOffset()) + 1n,
    async commit(nextOffset) {
      // A late handler must not touch the offsets of a new generation (kafkajs#558: a TypeError that ends the consumer).
      if (!isCurrentGeneration()) throw new StaleBatchError();
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: nextOffset.toString() }] }] });
      if (isCurrentGeneration()) payload.resolveOffset((nextOffset - 1n).toString());
    },
    async heartbeat() {
      if (!isCurrentGeneration()) throw new StaleBatchError();
      await payload.heartbeat();
    },
    isCurrent: () => isCurrentGeneration() && payload.isRunning() && !payload.isStale(),
  };
}

function inboundRecord(message: KafkaMessage, place: { topic: string; partition: number }): InboundRecord {
  return {
    ...place,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: headersOf(message.headers ?? {}),
  };
}

/**
 * kafkajs collects headers in a plain object, so that one called `constructor` or `__proto__` arrives together with what
 * every object inherits under that name: only bytes are taken. It cannot write a null value: that is taken for an empty one.
 */
function headersOf(headers: IHeaders): ReadonlyMap<string, readonly Buffer[]> {
  return new Map(Object.entries(headers).map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).flatMap(toBytes)]));
}

function toBytes(value: unknown): Buffer[] {
  if (Buffer.isBuffer(value)) return [value];
  if (value === null || value === undefined) return [Buffer.alloc(0)];
  return typeof value === 'string' ? [Buffer.from(value, 'utf8')] : [];
}
