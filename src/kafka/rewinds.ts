export type Place = { readonly topic: string; readonly partition: number };
type Assignment = Readonly<Record<string, readonly number[]>>;

/** Which partitions are to be read from their beginning. Outlives the consumers, of which each may fail to get there. */
export type Rewinds = {
  /** These topics may have been created anew: what was read of them so far must not be committed any more. */
  suspect(topics: readonly string[]): void;
  isSuspect(topic: string): boolean;
  /** The partitions that whoever joins with this assignment must begin anew: those suspected, and those not committed since. */
  at(assignment: Assignment): readonly Place[];
  /** The first commit from the beginning makes it the group's: from then on a rebalance goes on from there. */
  committed(place: Place): void;
};

export function createRewinds(): Rewinds {
  const suspects = new Set<string>();
  const begun = new Map<string, Place>();
  const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;
  return {
    suspect: (topics) => topics.forEach((topic) => suspects.add(topic)),
    isSuspect: (topic) => suspects.has(topic),
    at(assignment) {
      for (const topic of suspects)
        for (const partition of assignment[topic] ?? []) begun.set(keyOf({ topic, partition }), { topic, partition });
      suspects.clear();
      return [...begun.values()].filter(({ topic, partition }) => assignment[topic]?.includes(partition));
    },
    committed: (place) => void begun.delete(keyOf(place)),
  };
}
