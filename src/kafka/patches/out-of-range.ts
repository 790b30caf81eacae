/**
 * When records were deleted before they were read, kafkajs 2.2.4 goes to the first one there is and tells nobody. Here it is told
 * first, with both places, and the group is set to where reading goes on: kafkajs would commit -2, which tells a successor nothing.
 */
import type { Place } from '../rewinds.ts';
import { createPatchListeners, prototypeOf } from './internals.ts';
import type { TopicOffsets } from './offset-label.ts';

/** A fetch asked for records outside the partition. */
export type OutOfRange = {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  /** The first offset that was not read yet. */
  readonly position: bigint;
  /** The first offset there is; from there reading goes on. Above `position`: what lies between was deleted unread. */
  readonly begin: bigint;
  /** The offset after the last record. Below `position`: the log was cut. */
  readonly end: bigint;
};

/** What is used of kafkajs's own, untyped consumer group. */
type ConsumerGroup = {
  readonly groupId: string;
  readonly cluster: { fetchTopicsOffset(topics: readonly object[]): Promise<readonly TopicOffsets[]> };
  readonly offsetManager: {
    nextOffset(topic: string, partition: number): { toString(): string };
    committedOffsets(): Readonly<Record<string, Readonly<Record<number, string>>>>;
    commitOffsets(offsets: { readonly topics: readonly TopicOffsets[] }): Promise<void>;
    resetOffset(place: Place): void;
  };
};

type Recovery = { recoverFromOffsetOutOfRange: (this: ConsumerGroup, place: Place) => Promise<void> };

const listeners = createPatchListeners<OutOfRange>(replaceRecovery);

/** Tells `listener` of positions outside their partition, of any consumer of this process. Returns the way to stop listening. */
export function onOutOfRange(listener: (found: OutOfRange) => void): () => void {
  return listeners.add(listener);
}

function replaceRecovery(): void {
  const prototype = prototypeOf<Recovery>('src/consumer/consumerGroup', ['recoverFromOffsetOutOfRange']);
  prototype.recoverFromOffsetOutOfRange = async function recover({ topic, partition }) {
    const { groupId, cluster, offsetManager } = this;
    const position = positionOf(offsetManager, { topic, partition });
    const [begin, end] = await Promise.all([true, false].map((fromBeginning) => offsetAt(cluster, { topic, partition, fromBeginning })));
    // The next fetch asks again.
    if (begin === undefined || end === undefined) return;
    listeners.tell({ groupId, topic, partition, position, begin: BigInt(begin), end: BigInt(end) });
    await offsetManager.commitOffsets({ topics: [{ topic, partitions: [{ partition, offset: begin }] }] });
    offsetManager.resetOffset({ topic, partition });
  };
}

async function offsetAt(
  cluster: ConsumerGroup['cluster'],
  { topic, partition, fromBeginning }: Place & { readonly fromBeginning: boolean },
): Promise<string | undefined> {
  const [of] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }]);
  return of?.partitions[0]?.offset;
}

/** A consumer that was sent back to the beginning has not lost what the group had read before: the later place counts. */
function positionOf(offsets: ConsumerGroup['offsetManager'], { topic, partition }: Place): bigint {
  const next = BigInt(offsets.nextOffset(topic, partition).toString());
  const committed = BigInt(offsets.committedOffsets()[topic]?.[partition] ?? '-1');
  return committed > next ? committed : next;
}
