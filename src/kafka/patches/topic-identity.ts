/**
 * kafkajs 2.2.4 knows topics by name alone: it would read a topic that was created anew and filled while it looked away at its
 * old position, and skip what lies before. So consumers of this process commit, with each offset, the id of the topic it counts
 * in, and leave offsets aside that count in a topic deleted since (docs/adr/0014-an-offset-names-its-topic.md).
 */
import type { Place } from '../rewinds.ts';
import { createPatchListeners, prototypeOf } from './internals.ts';
import { countedIn, labelled, type TopicOffsets } from './offset-label.ts';
import { type RawBroker, topicIdsBy } from './questions.ts';

export type PositionNews =
  /**
   * A topic was deleted and created anew. With a partition: reading begins at its beginning, because what the group had committed
   * counts in the old one, or went with it.
   */
  | { readonly kind: 'TOPIC_RECREATED'; readonly groupId: string; readonly topic: string; readonly partition?: number }
  /** The group has committed nothing, and reading begins at `begin`: what lay before is deleted. */
  | {
      readonly kind: 'NO_POSITION';
      readonly groupId: string;
      readonly topic: string;
      readonly partition: number;
      readonly begin: bigint;
    };

type Coordinator = RawBroker & {
  offsetFetch(request: object): Promise<{ readonly responses: readonly TopicOffsets[] }>;
  offsetCommit(request: { readonly topics: readonly TopicOffsets[] }): Promise<unknown>;
};

/** kafkajs makes one for every generation of a consumer. */
type OffsetManager = {
  readonly groupId: string;
  readonly topics: readonly string[];
  committedOffsets(): Readonly<Record<string, Readonly<Record<number, string>>>>;
};

type Offsets = {
  getCoordinator: (this: OffsetManager) => Promise<Coordinator>;
  resolveOffsets: (this: OffsetManager) => Promise<void>;
};

/** In which topic each partition's offsets of one generation count, by `topic/partition`, and which have none. */
type Counting = { readonly ids: Map<string, string>; readonly unplaced: Place[]; checkedAtMs: number };

/** A topic created anew and filled just up to our position shows itself by nothing else. */
const CHECK_EVERY_MS = 15_000;

const countings = new WeakMap<OffsetManager, Counting>();
/** Under which id each partition was read last in this process, by group and place: the brokers forget offsets with their topic. */
const lastIds = new Map<string, string>();
const listeners = createPatchListeners<PositionNews>(patchOffsetManager);

/**
 * Makes offsets name their topic, and tells `listener` of topics created anew and of partitions without a committed offset.
 * Returns the way to stop listening.
 */
export function onPositionNews(listener: (news: PositionNews) => void): () => void {
  return listeners.add(listener);
}

function patchOffsetManager(): void {
  const prototype = prototypeOf<Offsets>('src/consumer/offsetManager', ['getCoordinator', 'resolveOffsets']);
  const { getCoordinator, resolveOffsets } = prototype;
  prototype.getCoordinator = async function guarded() {
    return guardedCoordinator(this, await Reflect.apply(getCoordinator, this, []));
  };
  // Called before every fetch.
  prototype.resolveOffsets = async function resolve() {
    await Reflect.apply(resolveOffsets, this, []);
    tellUnplaced(this);
    if (isCheckDue(this)) await check(this, await Reflect.apply(getCoordinator, this, []));
  };
}

function guardedCoordinator(manager: OffsetManager, broker: Coordinator): Coordinator {
  const counting: Counting = countings.get(manager) ?? { ids: new Map(), unplaced: [], checkedAtMs: Date.now() };
  countings.set(manager, counting);
  const { versions, connectionPool } = broker;
  return {
    versions,
    connectionPool,
    // The ids first: an offset is never taken for one of a topic that is newer than the offset.
    async offsetFetch(request) {
      const ids = await topicIdsBy(broker, manager.topics);
      const answer = await broker.offsetFetch(request);
      const { offsets, foreign } = countedIn(answer.responses, ids);
      const recreated = foreign.map(keyOf);
      for (const { topic, partition, offset } of placesOf(offsets)) {
        const place = { topic, partition };
        const isNew = note({ groupId: manager.groupId, place, id: ids.get(topic) }, counting);
        if (Number(offset) >= 0) continue;
        if (isNew || recreated.includes(keyOf(place))) listeners.tell({ kind: 'TOPIC_RECREATED', groupId: manager.groupId, ...place });
        else counting.unplaced.push(place);
      }
      return { ...answer, responses: offsets };
    },
    offsetCommit: async (request) =>
      await broker.offsetCommit({
        ...request,
        topics: labelled(request.topics, (topic, partition) => counting.ids.get(keyOf({ topic, partition }))),
      }),
  };
}

const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

const placesOf = (offsets: readonly TopicOffsets[]): (Place & { readonly offset: string })[] =>
  offsets.flatMap(({ topic, partitions }) => partitions.map(({ partition, offset }) => ({ topic, partition, offset })));

/** @returns whether this process has read the partition of another topic of this name before. */
function note({ groupId, place, id }: { groupId: string; place: Place; id: string | undefined }, counting: Counting): boolean {
  if (id === undefined) return false;
  const key = `${groupId}/${keyOf(place)}`;
  const before = lastIds.get(key);
  lastIds.set(key, id);
  counting.ids.set(keyOf(place), id);
  return before !== undefined && before !== id;
}

/** By now kafkajs has found where those partitions begin. From 0 on, nothing was missed. */
function tellUnplaced(manager: OffsetManager): void {
  for (const { topic, partition } of countings.get(manager)?.unplaced.splice(0) ?? []) {
    const begin = BigInt(manager.committedOffsets()[topic]?.[partition] ?? '0');
    if (begin > 0n) listeners.tell({ kind: 'NO_POSITION', groupId: manager.groupId, topic, partition, begin });
  }
}

function isCheckDue(manager: OffsetManager): boolean {
  const counting = countings.get(manager);
  return counting !== undefined && Date.now() >= counting.checkedAtMs + CHECK_EVERY_MS;
}

async function check(manager: OffsetManager, broker: RawBroker): Promise<void> {
  const counting = countings.get(manager);
  if (counting === undefined) return;
  counting.checkedAtMs = Date.now();
  const now = await topicIdsBy(broker, manager.topics);
  for (const [topic, id] of now) {
    const isAnother = ([place, then]: [string, string]): boolean => place.startsWith(`${topic}/`) && then !== id;
    if ([...counting.ids].some(isAnother)) listeners.tell({ kind: 'TOPIC_RECREATED', groupId: manager.groupId, topic });
  }
}
