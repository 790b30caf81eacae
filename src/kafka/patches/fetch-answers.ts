/**
 * kafkajs 2.2.4 takes an aborted transaction for open only if brokers list them in the order of their beginnings, which they do
 * not, and any record with the key 00000000 for the marker that ends one: it hands out aborted records. It resolves what it hides
 * without telling anybody, so that nothing is committed past it, and keeps to itself how far transactions hold a partition
 * back. So what a broker answers is sifted here, before kafkajs looks at it.
 */
import { type Failure, readingOf } from './bounded-fetch.ts';
import { createPatchListeners, prototypeOf } from './internals.ts';
import type { FetchedMessage } from './record-batch.ts';

/** What a consumer was told of a partition by one answer. */
export type Standing = {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  /** What it asked for. */
  readonly position: bigint;
  readonly highWatermark: bigint;
  /** What lies behind belongs to a transaction that is still open, or to one that comes after it. */
  readonly lastStableOffset: bigint;
};

/**
 * Stands at the end of what an answer brought where no record does. GAP: what lies there is none of ours, markers and aborted
 * records, or nothing any more; it is to be committed all the same. UNREADABLE: nothing behind it can be read, and neither it.
 */
export type StandIn = { readonly kind: 'GAP' } | ({ readonly kind: 'UNREADABLE' } & Failure);

type Aborted = { readonly producerId: string; readonly firstOffset: string };

/** kafkajs's names for what a broker answers about a partition. */
type Answered = {
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
  readonly lastStableOffset?: string;
  readonly abortedTransactions?: readonly Aborted[] | null;
};
type Topics<Partition> = readonly { readonly topic: string; readonly partitions: readonly Partition[] }[];
type Request = { readonly topics: Topics<{ readonly partition: number; readonly fetchOffset: string }> };
type Answer = { readonly responses: readonly { readonly topicName: string; readonly partitions: readonly Answered[] }[] };

/** kafkajs's batch: all of an answer that concerns one partition. */
type Batch = {
  readonly topic: string;
  readonly partition: number;
  readonly fetchedOffset: string;
  readonly highWatermark: string;
  readonly rawMessages: readonly object[];
};

type Group = { fetch: (this: { readonly groupId: string }, nodeId: unknown) => Promise<readonly Batch[]> };

const standIns = new WeakMap<object, StandIn>();
const stableOffsets = new WeakMap<readonly unknown[], string>();
const listeners = createPatchListeners<Standing>(sift);

/** Sifts what consumers of this process fetch, and tells `listener` how each partition stands. Returns the way to stop listening. */
export function onStanding(listener: (standing: Standing) => void): () => void {
  return listeners.add(listener);
}

/** What `message` stands for, if it is none of Kafka's. */
export function standInOf(message: object): StandIn | undefined {
  return standIns.get(message);
}

function sift(): void {
  const broker = prototypeOf<{ fetch: (this: object, request: Request) => Promise<Answer> }>('src/broker', ['fetch']);
  const { fetch } = broker;
  broker.fetch = async function sifted(request) {
    const answer = await Reflect.apply(fetch, this, [request]);
    return { ...answer, responses: answer.responses.map((one) => ({ ...one, partitions: siftedPartitions(one, request) })) };
  };
  const group = prototypeOf<Group>('src/consumer/consumerGroup', ['fetch']);
  const { fetch: fetchBatches } = group;
  group.fetch = async function told(nodeId) {
    const batches = await Reflect.apply(fetchBatches, this, [nodeId]);
    for (const batch of batches) tell(this.groupId, batch);
    return batches;
  };
}

function siftedPartitions({ topicName, partitions }: Answer['responses'][number], { topics }: Request): readonly Answered[] {
  const asked = new Map(
    topics.flatMap(({ topic, partitions: some }) => (topic === topicName ? some.map((one) => [one.partition, one.fetchOffset]) : [])),
  );
  return partitions.map((answered) => {
    const messages = siftedMessages(answered, BigInt(asked.get(answered.partition) ?? 0));
    if (answered.lastStableOffset !== undefined) stableOffsets.set(messages, answered.lastStableOffset);
    // kafkajs has nothing left to sift.
    return { ...answered, messages, abortedTransactions: [] };
  });
}

function siftedMessages(answered: Answered, position: bigint): readonly FetchedMessage[] {
  const reading = readingOf(answered.messages);
  const messages = committedOf(answered.messages, answered.abortedTransactions ?? []);
  const isPast = reading?.nextOffset !== undefined && reading.nextOffset > position;
  if (reading?.failure && !isPast) return [standIn(position, { kind: 'UNREADABLE', ...reading.failure })];
  const last = reading?.nextOffset === undefined ? undefined : reading.nextOffset - 1n;
  if (!isPast || last === undefined || messages.at(-1)?.offset === last.toString()) return messages;
  return [...messages, standIn(last, { kind: 'GAP' })];
}

/** Only what was not aborted, without markers. As Kafka's own consumer does it, which puts the list in order first. */
export function committedOf(messages: readonly FetchedMessage[], abortedTransactions: readonly Aborted[]): FetchedMessage[] {
  const pending = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, from: BigInt(firstOffset) }))
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const aborting = new Set<string>();
  let next = 0;
  return messages.filter(({ offset, key, isControlRecord, batchContext }) => {
    for (let one = pending[next]; one !== undefined && one.from <= BigInt(offset); one = pending[next]) {
      aborting.add(one.producerId);
      next += 1;
    }
    if (batchContext === undefined) return true;
    if (isControlRecord && isAbort(key)) aborting.delete(batchContext.producerId);
    return !isControlRecord && !(batchContext.inTransaction && aborting.has(batchContext.producerId));
  });
}

/** Key of a marker: its version, then 0 for an abortion and 1 for a commit. */
function isAbort(key: Buffer | null): boolean {
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}

function standIn(offset: bigint, what: StandIn): FetchedMessage {
  const message = {
    magicByte: 2,
    attributes: 0,
    timestamp: '0',
    offset: offset.toString(),
    key: null,
    value: null,
    headers: {},
    isControlRecord: false,
  };
  standIns.set(message, what);
  return message;
}

function tell(groupId: string, { topic, partition, fetchedOffset, highWatermark, rawMessages }: Batch): void {
  const lastStableOffset = stableOffsets.get(rawMessages);
  // Negative: a broker that sends us to a nearer replica does not know.
  if (lastStableOffset === undefined || Number(lastStableOffset) < 0 || Number(highWatermark) < 0) return;
  const [position, high, stable] = [BigInt(fetchedOffset), BigInt(highWatermark), BigInt(lastStableOffset)];
  listeners.tell({ groupId, topic, partition, position, highWatermark: high, lastStableOffset: stable });
}
