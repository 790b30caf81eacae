/**
 * An offset that is committed says only how far a topic of some name was read, and a topic that is created anew has the same
 * name. So each of ours carries a label with the topic's id, and one of another topic counts for nothing; this file is the pure
 * part of `topic-identity.ts`.
 */
const LABEL = /^topic-id=([\w-]{22})$/;

/** Offsets of a group as kafkajs's coordinator answers and takes them. */
export type TopicOffsets = {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata?: string | null }[];
};

export type OffsetsCounted = {
  readonly offsets: readonly TopicOffsets[];
  /** Partitions whose committed offset counts in a topic of the same name that is gone. */
  readonly foreign: readonly { readonly topic: string; readonly partition: number }[];
};

/** The text that is committed with an offset, so that it tells in which topic of this name it counts. */
export function labelOf(topicId: string): string {
  return `topic-id=${topicId}`;
}

/**
 * Leaves only offsets that may count in the present topics; the others become -1, which a consumer takes for "none yet".
 * One without our label was set by a tool or an operator, and counts.
 */
export function countedIn(offsets: readonly TopicOffsets[], topicIds: ReadonlyMap<string, string>): OffsetsCounted {
  const foreign: { topic: string; partition: number }[] = [];
  const counted = offsets.map((of) => ({
    ...of,
    partitions: of.partitions.map((place) => {
      const [now, then] = [topicIds.get(of.topic), LABEL.exec(place.metadata ?? '')?.[1]];
      if (now === undefined || then === undefined || now === then) return place;
      foreign.push({ topic: of.topic, partition: place.partition });
      return { ...place, offset: '-1' };
    }),
  }));
  return { offsets: counted, foreign };
}

/** The offsets to commit, each with the label of the topic that its reader read. */
export function labelled(offsets: readonly TopicOffsets[], idAt: (topic: string, partition: number) => string | undefined): TopicOffsets[] {
  return offsets.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((place) => {
      const id = idAt(topic, place.partition);
      return id === undefined ? place : { ...place, metadata: labelOf(id) };
    }),
  }));
}
