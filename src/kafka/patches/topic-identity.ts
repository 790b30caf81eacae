/**
 * kafkajs 2.2.4 knows topics by name alone: it would read a topic that was created anew and filled while it looked away at its
 * old position, and skip what lies before. So consumers of this process commit, with each offset, the id of the topic it counts
 * in, and leave offsets aside that count in a topic deleted since (docs/adr/0014-an-offset-names-its-topic.md).
 */
import { createPatchListeners, prototypeOf } from './internals.ts';
import { countedIn, labelled, type TopicOffsets } from './offset-label.ts';
import { type RawBroker, topicIdsBy } from './topic-ids.ts';

/** A topic was deleted and created anew. With a partition: its committed offset counts in the old one and was left aside. */
export type Recreation = { readonly groupId: string; readonly topic: string; readonly partition?: number };

type Coordinator = RawBroker & {
  offsetFetch(request: object): Promise<{ readonly responses: readonly TopicOffsets[] }>;
  offsetCommit(request: { readonly topics: readonly TopicOffsets[] }): Promise<unknown>;
};

/** kafkajs makes one for every generation of a consumer. */
type OffsetManager = { readonly groupId: string; readonly topics: readonly string[] };

/** In which topic each partition's offsets of one generation count, by `topic/partition`. */
type Reading = { readonly ids: Map<string, string>; checkedAtMs: number };

/** A topic created anew and filled just up to our position shows itself by nothing else. */
const CHECK_EVERY_MS = 15_000;

const readings = new WeakMap<OffsetManager, Reading>();
const listeners = createPatchListeners<Recreation>(patchOffsetManager);

/** Makes offsets name their topic, and tells `listener` when one was created anew. Returns the way to stop listening. */
export function onTopicRecreated(listener: (recreation: Recreation) => void): () => void {
  return listeners.add(listener);
}

function patchOffsetManager(): void {
  const prototype = prototypeOf('src/consumer/offsetManager', ['getCoordinator', 'resolveOffsets']);
  const { getCoordinator, resolveOffsets } = prototype;
  prototype.getCoordinator = async function guarded(this: OffsetManager): Promise<Pick<Coordinator, 'offsetFetch' | 'offsetCommit'>> {
    return guardedCoordinator(this, await Reflect.apply(getCoordinator, this, []));
  };
  // Called before every fetch.
  prototype.resolveOffsets = async function resolve(this: OffsetManager): Promise<void> {
    await Reflect.apply(resolveOffsets, this, []);
    if (isCheckDue(this)) await check(this, await Reflect.apply(getCoordinator, this, []));
  };
}

function guardedCoordinator(manager: OffsetManager, broker: Coordinator): Pick<Coordinator, 'offsetFetch' | 'offsetCommit'> {
  const reading = readings.get(manager) ?? { ids: new Map<string, string>(), checkedAtMs: Date.now() };
  readings.set(manager, reading);
  return {
    // The ids first: an offset is never taken for one of a topic that is newer than the offset.
    async offsetFetch(request) {
      const ids = await topicIdsBy(broker, manager.topics);
      const answer = await broker.offsetFetch(request);
      const { offsets, foreign } = countedIn(answer.responses, ids);
      for (const { topic, partitions } of answer.responses) {
        const id = ids.get(topic);
        for (const { partition } of partitions) if (id !== undefined) reading.ids.set(`${topic}/${partition}`, id);
      }
      for (const place of foreign) listeners.tell({ groupId: manager.groupId, ...place });
      return { ...answer, responses: offsets };
    },
    offsetCommit: async (request) =>
      await broker.offsetCommit({
        ...request,
        topics: labelled(request.topics, (topic, partition) => reading.ids.get(`${topic}/${partition}`)),
      }),
  };
}

function isCheckDue(manager: OffsetManager): boolean {
  const reading = readings.get(manager);
  return reading !== undefined && Date.now() >= reading.checkedAtMs + CHECK_EVERY_MS;
}

async function check(manager: OffsetManager, broker: RawBroker): Promise<void> {
  const reading = readings.get(manager);
  if (reading === undefined) return;
  reading.checkedAtMs = Date.now();
  const now = await topicIdsBy(broker, manager.topics);
  for (const [topic, id] of now) {
    const isAnother = ([place, then]: [string, string]): boolean => place.startsWith(`${topic}/`) && then !== id;
    if ([...reading.ids].some(isAnother)) listeners.tell({ groupId: manager.groupId, topic });
  }
}
