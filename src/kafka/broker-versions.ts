import type { RawBroker } from './patches/questions.ts';

type Versions = NonNullable<RawBroker['versions']>;

/**
 * What kafkajs 2.2.4 speaks at most, by number of the API. It looks only at the highest version of a broker, so one that has let go of
 * these (KIP-896) would break it without a word.
 */
export const SPOKEN: Readonly<Record<number, readonly [name: string, most: number]>> = {
  0: ['Produce', 7],
  1: ['Fetch', 11],
  2: ['ListOffsets', 3],
  3: ['Metadata', 6],
  8: ['OffsetCommit', 5],
  9: ['OffsetFetch', 4],
  10: ['FindCoordinator', 2],
  11: ['JoinGroup', 5],
  12: ['Heartbeat', 3],
  13: ['LeaveGroup', 3],
  14: ['SyncGroup', 3],
};

export function unspokenBy(versions: Versions): readonly string[] {
  return Object.entries(SPOKEN).flatMap(([key, [name, most]]) => {
    const spoken = versions[Number(key)];
    return spoken !== undefined && spoken.minVersion > most ? [`${name} (${spoken.minVersion} or later)`] : [];
  });
}

const FETCH = 1;

/** Brokers do not say their version. Each of these versions of Fetch came with one of Kafka. */
const BY_FETCH: readonly (readonly [fetch: number, release: string])[] = [
  [18, '4.1'],
  [17, '3.9'],
  [16, '3.7'],
  [15, '3.5'],
  [13, '3.1'],
  [12, '2.7'],
  [11, '2.3'],
];

/** E.g. `speaks as Kafka 4.1 or later`. */
export function releaseText(versions: Versions): string {
  const most = versions[FETCH]?.maxVersion ?? 0;
  const found = BY_FETCH.find(([fetch]) => most >= fetch);
  return found === undefined ? 'speaks as a Kafka before 2.3' : `speaks as Kafka ${found[1]} or later`;
}

const METADATA = 3;
/** The first version that tells topic ids (KIP-516). */
const WITH_IDS = 10;

/** So old that a topic which is made anew is not noticed (docs/adr/0014-an-offset-names-its-topic.md). */
export function lacksTopicIds(versions: Versions): boolean {
  return (versions[METADATA]?.maxVersion ?? 0) < WITH_IDS;
}
