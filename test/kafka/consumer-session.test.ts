import type { ConsumerConfig, EachBatchPayload, Kafka } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { InboundBatch } from '../../src/ingress/ports.ts';
import { type ConsumerTuning, createSession } from '../../src/kafka/consumer-session.ts';
import { GivenUpError } from '../../src/kafka/errors.ts';
import { createHolds } from '../../src/kafka/holds.ts';
import { createRewinds, type Rewinds } from '../../src/kafka/rewinds.ts';
import { consumerEvents } from './support/broker.ts';

type Offsets = Parameters<EachBatchPayload['commitOffsetsIfNecessary']>[0];
type EachBatch = (payload: EachBatchPayload) => Promise<void>;

/** A kafkajs client whose only consumer does what the test tells it. */
function fakeKafka() {
  const listeners = new Map<string, (event: object) => void>();
  const seeks: string[] = [];
  const commits: string[] = [];
  const committed: Offsets[] = [];
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
  const resolved: string[] = [];
  let asked: ConsumerConfig | undefined;
  const payloadOf = (topic: string, partition: number, messages: readonly object[]) => ({
    batch: { topic, partition, messages, lastOffset: () => '41', offsetLag: () => '0' },
    commitOffsetsIfNecessary: async (offsets: Offsets) => {
      commits.push(`${topic}/${partition}`);
      committed.push(offsets);
      await Promise.resolve();
    },
    resolveOffset: (offset: string) => void resolved.push(offset),
    heartbeat: done,
    isRunning: () => true,
    isStale: () => false,
  });
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what a session uses of kafkajs
    kafka: { consumer: (config: ConsumerConfig) => ((asked = config), consumer) } as unknown as Kafka,
    asked: () => asked,
    seeks,
    commits,
    committed,
    resolved,
    join: (memberAssignment: Record<string, number[]>) => listeners.get('consumer.group_join')?.({ payload: { memberAssignment } }),
    fetch: async (topic: string, partition: number, messages: readonly object[] = []) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what a session uses of a batch
      await eachBatch(payloadOf(topic, partition, messages) as unknown as EachBatchPayload),
  };
}

const takeAll = async (batch: InboundBatch): Promise<void> => await batch.commit(batch.endOffset);

async function opened(rewinds: Rewinds, onBatch: (batch: InboundBatch) => Promise<void> = takeAll, tuning: ConsumerTuning = {}) {
  const fake = fakeKafka();
  const events = consumerEvents();
  const holds = createHolds(events);
  const more = { groupId: 'g', holds, topics: ['t', 'u'], tuning, onGoodBatch: () => undefined, onUnknownTopic: () => undefined };
  const session = createSession({ kafka: fake.kafka, events, rewinds, onBatch, ...more });
  await session.open();
  return { ...fake, events, session };
}

/** What one batch of a session does to a handler. */
async function handed(headers: Record<string, unknown> = {}) {
  const seen: InboundBatch[] = [];
  const one = await opened(createRewinds(), async (batch) => void seen.push(batch));
  one.join({ t: [3] });
  await one.fetch('t', 3, [{ key: null, value: null, timestamp: '1700000000000', offset: '7', headers }]);
  const [batch] = seen;
  if (!batch) throw new Error('no batch was handed over');
  return { ...one, batch };
}

describe('a batch', () => {
  it('commits through its own callback alone, then resolves up to there (defects A and H)', async () => {
    const { batch, committed, resolved } = await handed();
    await batch.commit(8n);
    expect(committed).toEqual([{ topics: [{ topic: 't', partitions: [{ partition: 3, offset: '8' }] }] }]);
    expect(resolved).toEqual(['7']);
  });

  it('ends after the last offset, gaps and control records included', async () => {
    expect((await handed()).batch.endOffset).toBe(42n);
  });

  it('touches no offset of a later generation (defect I)', async () => {
    const { batch, committed, resolved, join } = await handed();
    join({ t: [3] });
    await expect(batch.commit(8n)).rejects.toMatchObject({ name: 'StaleBatchError' });
    await expect(batch.heartbeat()).rejects.toMatchObject({ name: 'StaleBatchError' });
    expect(batch.isCurrent()).toBe(false);
    expect([committed, resolved]).toEqual([[], []]);
  });

  it.each([
    ['the broker', { timestampType: 1 }, true],
    ['the producer', { timestampType: 0 }, false],
    ['nobody knows who, in the format before Kafka 0.11', undefined, false],
  ])('says of each record that %s wrote its timestamp', async (_who, batchContext, isAppendTime) => {
    const seen: InboundBatch[] = [];
    const one = await opened(createRewinds(), async (batch) => void seen.push(batch));
    one.join({ t: [3] });
    await one.fetch('t', 3, [{ key: null, value: null, timestamp: '1700000000000', offset: '7', headers: {}, batchContext }]);
    expect(seen[0]?.records).toMatchObject([{ timestampMs: 1_700_000_000_000, isAppendTime }]);
  });

  it('has the bytes of headers only, whatever they are called', async () => {
    const inherited = {
      constructor: [Object, Buffer.from('a')],
      toString: [() => '', Buffer.from('b'), Buffer.from('c')],
      missing: null,
      plain: Buffer.from('d'),
    };
    const [record] = (await handed(inherited)).batch.records;
    expect([...(record?.headers ?? [])]).toEqual([
      ['constructor', [Buffer.from('a')]],
      ['toString', [Buffer.from('b'), Buffer.from('c')]],
      ['missing', [Buffer.alloc(0)]],
      ['plain', [Buffer.from('d')]],
    ]);
  });
});

describe('a session', () => {
  it.each([undefined, 1000, 6000, 10_000, 45_000, 300_000])(
    'of %s ms shows a sign of life in each third of it, although kafkajs sends heartbeats between fetches only',
    async (sessionTimeoutMs) => {
      const { asked, session } = await opened(createRewinds(), takeAll, sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs });
      await session.close();
      const { sessionTimeout = 0, heartbeatInterval = Infinity, maxWaitTimeInMs = Infinity } = asked() ?? {};
      expect(sessionTimeout).toBe(sessionTimeoutMs ?? 10_000);
      expect(heartbeatInterval + maxWaitTimeInMs).toBeLessThanOrEqual(sessionTimeout / 3);
    },
  );
});

const gone = new GivenUpError('a topic or partition was unknown to a broker');

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
