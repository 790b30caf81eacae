import type { EachBatchPayload, Kafka } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { InboundBatch } from '../../src/ingress/ports.ts';
import { createSession } from '../../src/kafka/consumer-session.ts';
import { SessionEndedError } from '../../src/kafka/errors.ts';
import { createRewinds, type Rewinds } from '../../src/kafka/rewinds.ts';
import { consumerEvents } from './support/broker.ts';

type EachBatch = (payload: EachBatchPayload) => Promise<void>;

/** A kafkajs client whose only consumer does what the test tells it. */
function fakeKafka() {
  const listeners = new Map<string, (event: object) => void>();
  const seeks: string[] = [];
  const commits: string[] = [];
  let eachBatch: EachBatch = async () => await Promise.resolve();
  const done = async (): Promise<void> => await Promise.resolve();
  const consumer = {
    on: (name: string, listener: (event: object) => void) => void listeners.set(name, listener),
    connect: done,
    subscribe: done,
    disconnect: done,
    run: async (config: { eachBatch: EachBatch }) => {
      eachBatch = config.eachBatch;
      await Promise.resolve();
    },
    seek: ({ topic, partition, offset }: { topic: string; partition: number; offset: string }) =>
      void seeks.push(`${topic}/${partition}@${offset}`),
  };
  const payloadOf = (topic: string, partition: number) => ({
    batch: { topic, partition, messages: [], lastOffset: () => '41', offsetLag: () => '0' },
    commitOffsetsIfNecessary: async () => await Promise.resolve(void commits.push(`${topic}/${partition}`)),
    resolveOffset: () => undefined,
    heartbeat: done,
    isRunning: () => true,
    isStale: () => false,
  });
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what a session uses of kafkajs
    kafka: { consumer: () => consumer } as unknown as Kafka,
    seeks,
    commits,
    join: (memberAssignment: Record<string, number[]>) => listeners.get('consumer.group_join')?.({ payload: { memberAssignment } }),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what a session uses of a batch
    fetch: async (topic: string, partition: number) => await eachBatch(payloadOf(topic, partition) as unknown as EachBatchPayload),
  };
}

const takeAll = async (batch: InboundBatch): Promise<void> => await batch.commit(batch.endOffset);

async function opened(rewinds: Rewinds, onBatch: (batch: InboundBatch) => Promise<void> = takeAll) {
  const fake = fakeKafka();
  const events = consumerEvents();
  const more = { groupId: 'g', topics: ['t', 'u'], tuning: {}, onGoodBatch: () => undefined, onUnknownTopic: () => undefined };
  const session = createSession({ kafka: fake.kafka, events, rewinds, onBatch, ...more });
  await session.open();
  return { ...fake, events, session };
}

const gone = new SessionEndedError('a topic or partition was unknown to a broker');

describe('a session that was given up', () => {
  it('leaves the rewinds to its successor, however often kafkajs rejoins', async () => {
    const rewinds = createRewinds();
    const old = await opened(rewinds);
    old.join({ t: [0] });
    rewinds.suspect(['t']);
    old.session.giveUp(gone);
    old.join({ t: [0] });
    await old.session.close();
    old.join({ t: [0] });
    expect([old.seeks, old.events.count('joined'), old.session.isJoined()]).toEqual([[], 1, false]);
    const successor = await opened(rewinds);
    successor.join({ t: [0], u: [0] });
    expect(successor.seeks).toEqual(['t/0@0']);
  });

  it('commits nothing more, of batches under way either', async () => {
    const rewinds = createRewinds();
    const seen: boolean[] = [];
    const one = await opened(rewinds, async (batch) => {
      one.session.giveUp(gone);
      seen.push(batch.isCurrent());
      await batch.commit(batch.endOffset);
    });
    one.join({ t: [0] });
    await one.fetch('t', 0);
    await one.fetch('t', 0);
    expect([one.commits, seen]).toEqual([[], [false]]);
    expect(one.events.count('batchHandled')).toBe(0);
  });

  it('being stopped, on the contrary, commits what is done', async () => {
    const one = await opened(createRewinds(), async (batch) => {
      await one.session.close();
      await batch.commit(batch.endOffset);
    });
    one.join({ t: [0] });
    await one.fetch('t', 0);
    expect(one.commits).toEqual(['t/0']);
  });
});

describe('a rewind', () => {
  it('is made again after a rebalance, partition by partition, until the partition has committed', async () => {
    const rewinds = createRewinds();
    rewinds.suspect(['t']);
    const one = await opened(rewinds);
    one.join({ t: [0, 1] });
    await one.fetch('t', 0);
    one.join({ t: [0, 1] });
    one.join({ t: [0] });
    one.join({ t: [0, 1] });
    await one.fetch('t', 1);
    one.join({ t: [0, 1] });
    expect(one.seeks).toEqual(['t/0@0', 't/1@0', 't/1@0', 't/1@0']);
    expect(one.commits).toEqual(['t/0', 't/1']);
  });

  it('is not taken for made by a commit that began before it', async () => {
    const rewinds = createRewinds();
    const one = await opened(rewinds, async (batch) => {
      const committing = batch.commit(batch.endOffset);
      rewinds.suspect(['t']);
      one.join({ t: [0] });
      await committing;
    });
    one.join({ t: [0] });
    await one.fetch('t', 0);
    one.join({ t: [0] });
    expect(one.seeks).toEqual(['t/0@0', 't/0@0']);
  });

  it('that waits for the next join lets nothing of its topic be committed', async () => {
    const rewinds = createRewinds();
    const one = await opened(rewinds);
    one.join({ t: [0], u: [0] });
    rewinds.suspect(['t']);
    await one.fetch('t', 0);
    await one.fetch('u', 0);
    expect(one.commits).toEqual(['u/0']);
  });

  it('does not reach partitions that come later: another member has begun them', async () => {
    const rewinds = createRewinds();
    rewinds.suspect(['t']);
    const one = await opened(rewinds);
    one.join({ t: [0] });
    await one.fetch('t', 0);
    one.join({ t: [0, 1] });
    expect(one.seeks).toEqual(['t/0@0']);
  });
});
