import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { lacksTopicIds, releaseText, SPOKEN, unspokenBy } from '../../src/kafka/broker-versions.ts';
import { operationsIn } from '../../src/kafka/patches/questions.ts';

const require = createRequire(import.meta.url);

it('knows what kafkajs speaks, by its own sources', () => {
  const { requests } = require('kafkajs/src/protocol/requests');
  const apiKeys: Readonly<Record<string, number>> = require('kafkajs/src/protocol/requests/apiKeys');
  const most = Object.entries(apiKeys).flatMap(([name, key]) =>
    key in SPOKEN ? [[key, Math.max(...requests[name].versions.map(Number))]] : [],
  );
  expect(Object.fromEntries(most)).toEqual(Object.fromEntries(Object.entries(SPOKEN).map(([key, [, version]]) => [key, version])));
});

it('tells a broker that has let go of it, one that is old, and about which release it is', () => {
  const versions = (fetch: readonly [number, number], metadata: readonly [number, number]) => ({
    1: { minVersion: fetch[0], maxVersion: fetch[1] },
    3: { minVersion: metadata[0], maxVersion: metadata[1] },
  });
  expect(unspokenBy(versions([4, 18], [0, 13]))).toEqual([]);
  expect(unspokenBy(versions([12, 20], [0, 13]))).toEqual(['Fetch (12 or later)']);
  expect([versions([4, 18], [0, 13]), versions([0, 11], [0, 9]), versions([0, 4], [0, 1])].map(releaseText)).toEqual([
    'speaks as Kafka 4.1 or later',
    'speaks as Kafka 2.3 or later',
    'speaks as a Kafka before 2.3',
  ]);
  expect([versions([0, 12], [0, 10]), versions([0, 11], [0, 9])].map(lacksTopicIds)).toEqual([false, true]);
});

it('reads rights bit by bit, and says nothing where the broker does not', () => {
  expect(operationsIn(0b1_0001_1000)).toEqual(new Set([3, 4, 8]));
  expect(operationsIn(-2_147_483_648)).toBeUndefined();
  expect(operationsIn(0)).toEqual(new Set());
});
