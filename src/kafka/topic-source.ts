import type { Kafka } from 'kafkajs';
import { backoffMs } from '../async/backoff.ts';
import { sleep } from '../async/sleep.ts';
import { DependencyUnavailableError, missingText } from '../contracts/errors.ts';
import type { Span, TopicSource } from '../operator/dlq/ports.ts';
import { describeKafkaError, protocolTypeOf } from './errors.ts';
import { inboundRecord } from './inbound-record.ts';
import { type Cluster, clusterOf } from './patches/cluster.ts';
import { onStanding, standInOf } from './patches/fetch-answers.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_WAIT_MS = 500;
const ATTEMPTS = 6;

/**
 * Reads topics partition by partition, by offset: no consumer group is made, so none is joined, left behind or needs a permission,
 * and nothing is committed.
 */
export function createTopicSource(kafka: Kafka): TopicSource & { close(): Promise<void> } {
  const cluster = clusterOf(kafka);
  // Aborted records and markers are sifted out only while somebody listens.
  const deafen = onStanding(() => undefined);
  const ready = async (topic: string): Promise<Cluster> => {
    // Does nothing while it is connected, and tries anew where an attempt was in vain.
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    return cluster;
  };
  return {
    spans: async (topic) => await patiently(topic, async () => await spansOf(await ready(topic), topic)),
    read: (topic, span) => readSpan(topic, { span, ready }),
    async close() {
      deafen();
      await cluster.disconnect();
    },
  };
}

async function spansOf(cluster: Cluster, topic: string): Promise<readonly Span[]> {
  const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
  // The end first: what is written meanwhile is left out, and what is deleted meanwhile cannot make an end before a beginning.
  const [ends] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: false }]);
  const [begins] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: true }]);
  const from = new Map(begins?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return (ends?.partitions ?? [])
    .map(({ partition, offset }) => ({ partition, from: from.get(partition) ?? 0n, until: BigInt(offset) }))
    .toSorted((a, b) => a.partition - b.partition);
}

type Reading = { readonly span: Span; readonly ready: (topic: string) => Promise<Cluster> };

async function* readSpan(topic: string, { span, ready }: Reading): ReturnType<TopicSource['read']> {
  const { partition, until } = span;
  for (let position = span.from; position < until;) {
    const answer = await patiently(topic, async () => await fetchAt(await ready(topic), { topic, partition, position }));
    if (answer === 'OUT_OF_RANGE') {
      const begin = (await patiently(topic, async () => await spansOf(await ready(topic), topic))).find(
        (one) => one.partition === partition,
      );
      // Retention took what was to be read; what is left begins later, or the topic was made anew.
      if (begin === undefined || begin.from <= position) return;
      position = begin.from;
      continue;
    }
    const before = position;
    for (const message of answer.messages) {
      const offset = BigInt(message.offset);
      if (offset >= until) return;
      const standIn = standInOf(message);
      if (standIn?.kind === 'UNREADABLE') {
        yield { partition, offset, why: standIn.error };
        if (standIn.nextOffset === undefined) return;
        position = standIn.nextOffset;
      } else {
        // A broker answers whole batches: they may begin before what was asked for.
        if (offset >= position && standIn === undefined) yield inboundRecord(message, { topic, partition });
        position = offset >= position ? offset + 1n : position;
      }
    }
    if (position > before) continue;
    if (position < answer.highWatermark && position >= answer.lastStableOffset) {
      yield { partition, offset: position, why: 'a transaction that is still open holds back what follows' };
      return;
    }
    if (position >= answer.highWatermark) return;
  }
}

type Found = {
  readonly messages: readonly Parameters<typeof inboundRecord>[0][];
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
};

async function fetchAt(
  cluster: Cluster,
  { topic, partition, position }: { readonly topic: string; readonly partition: number; readonly position: bigint },
): Promise<Found | 'OUT_OF_RANGE'> {
  const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (leader === undefined) throw new DependencyUnavailableError('kafka', `topic "${topic}" has no partition ${partition}`);
  const broker = await cluster.findBroker({ nodeId: leader });
  const place = { partition, fetchOffset: position.toString(), maxBytes: MAX_BYTES };
  try {
    const { responses } = await broker.fetch({
      replicaId: -1,
      isolationLevel: 1,
      maxWaitTime: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      topics: [{ topic, partitions: [place] }],
    });
    const found = responses[0]?.partitions[0];
    if (found === undefined) throw new DependencyUnavailableError('kafka', `no answer about topic "${topic}"`);
    const highWatermark = BigInt(found.highWatermark);
    return { messages: found.messages, highWatermark, lastStableOffset: BigInt(found.lastStableOffset ?? highWatermark) };
  } catch (error) {
    if (protocolTypeOf(error) === 'OFFSET_OUT_OF_RANGE') return 'OUT_OF_RANGE';
    // Its leader may be another one by now.
    await cluster.refreshMetadata().catch(() => undefined);
    throw error;
  }
}

const LASTING: readonly (string | undefined)[] = ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'INVALID_TOPIC_EXCEPTION'];

/** Some attempts, because a person waits; what no attempt mends ends them. */
async function patiently<T>(topic: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DependencyUnavailableError) throw error;
      if (attempt >= ATTEMPTS || LASTING.includes(protocolTypeOf(error))) throw explained(topic, error);
      await sleep(backoffMs(attempt, { firstMs: 200, longestMs: 2000 }));
    }
  }
}

function explained(topic: string, error: unknown): DependencyUnavailableError {
  const type = protocolTypeOf(error);
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION')
    return new DependencyUnavailableError('kafka', missingText([`topic ${topic}`]), { cause: error });
  const remedy = type === 'TOPIC_AUTHORIZATION_FAILED' ? ': the user needs the permissions READ and DESCRIBE of it' : '';
  return new DependencyUnavailableError('kafka', `topic "${topic}" cannot be read: ${describeKafkaError(error)}${remedy}`, {
    cause: error,
  });
}
