import { describe, expect, it } from 'vitest';
import { areLocal } from '../../src/contracts/loopback.ts';
import { type TopicFacts, topicWarnings, type TopicUse, type TopicWishes } from '../../src/kafka/topic-checks.ts';

const GOOD = { 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'min.insync.replicas': '2', 'max.message.bytes': '1048588' };
const WISHES: TopicWishes = { partitions: 6, replicationFactor: 3, isLocal: false, windowMs: 86_400_000 };

function facts(more: Partial<TopicFacts> = {}, settings: Record<string, string> = {}): TopicFacts {
  return { topic: 't', partitions: 6, replicas: 3, settings: { ...GOOD, ...settings }, ...more };
}

const texts = (use: TopicUse, one: TopicFacts, wishes: Partial<TopicWishes> = {}): string[] =>
  topicWarnings({ [use]: one }, { ...WISHES, ...wishes }).map(([, text]) => text);

const USES: readonly TopicUse[] = ['requests', 'hints', 'outcomes', 'deadLetters', 'audit'];

describe('a topic that exists', () => {
  it.each(USES)('is not warned of if it is as it should be (%s)', (use) => {
    expect(texts(use, facts())).toEqual([]);
    expect(texts(use, facts({ partitions: 12, replicas: 5 }, { 'retention.ms': '-1' }))).toEqual([]);
  });

  it.each<[string, TopicUse, TopicFacts, RegExp]>([
    ['fewer partitions', 'requests', facts({ partitions: 1 }), /1 partition.*VF_KAFKA_PARTITIONS \(6\): no more than 1 ingress/],
    ['fewer partitions', 'outcomes', facts({ partitions: 1 }), /VF_KAFKA_PARTITIONS \(6\)$/],
    ['fewer replicas', 'hints', facts({ replicas: 2 }), /2 replica.*VF_KAFKA_REPLICATION_FACTOR \(3\)/],
    ['more in-sync replicas than there are', 'outcomes', facts({}, { 'min.insync.replicas': '4' }), /nothing can be written/],
    ['one in-sync replica of three', 'outcomes', facts({}, { 'min.insync.replicas': '1' }), /min.insync.replicas is 1.*set it to 2/],
    ['compacted requests', 'requests', facts({}, { 'cleanup.policy': 'compact' }), /cleanup.policy is compact/],
    ['compacted hints', 'hints', facts({}, { 'cleanup.policy': 'compact,delete' }), /cleanup.policy is compact/],
    ['compacted dead letters', 'deadLetters', facts({}, { 'cleanup.policy': 'compact' }), /cleanup.policy is compact/],
    ['a compacted audit', 'audit', facts({}, { 'cleanup.policy': 'compact' }), /cleanup.policy is compact/],
    ['requests kept too short', 'requests', facts({}, { 'retention.ms': '86399999' }), /retention.ms.* shorter than VF_WINDOW \(24 h\)/],
  ])('is warned of for %s (%s)', (_what, use, one, text) => {
    const found = texts(use, one);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(text);
  });

  it('with one replica is warned of unless every broker is of this machine', () => {
    expect(texts('hints', facts({ replicas: 1 }, { 'min.insync.replicas': '1' }), { replicationFactor: 1 })).toEqual([
      expect.stringContaining('one replica'),
    ]);
    const wishes = { replicationFactor: 1, isLocal: true };
    expect(texts('hints', facts({ replicas: 1 }, { 'min.insync.replicas': '1' }), wishes)).toEqual([]);
  });

  it('for outcomes may be compacted and kept short, and hints may be kept short', () => {
    expect(texts('outcomes', facts({}, { 'cleanup.policy': 'compact', 'retention.ms': '1' }))).toEqual([]);
    expect(texts('hints', facts({}, { 'retention.ms': '1' }))).toEqual([]);
  });

  it('for dead letters takes the largest record of either topic together with our headers', () => {
    const of = (most: number) =>
      topicWarnings(
        {
          requests: facts(),
          hints: facts({}, { 'max.message.bytes': '2000000' }),
          deadLetters: facts({}, { 'max.message.bytes': String(most) }),
        },
        WISHES,
      );
    expect(of(2_008_192)).toEqual([]);
    expect(of(2_008_191)).toEqual([['deadLetters', expect.stringContaining('set it to 2008192')]]);
  });

  it('whose settings nobody may read is judged by what metadata tell', () => {
    expect(texts('requests', { topic: 't', partitions: 1, replicas: 3 })).toHaveLength(1);
  });
});

it('knows the brokers of this machine', () => {
  expect(areLocal(['localhost:9092', '127.0.0.1:29092', '[::1]:9092'])).toBe(true);
  for (const broker of ['kafka:9092', '10.0.0.1:9092', 'localhost.example.com:9092', '127.0.0.1.example.com:1'])
    expect(areLocal(['localhost:9092', broker])).toBe(false);
});
