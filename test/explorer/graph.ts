import { keyOf } from './key.ts';
import type { Rules } from './rules.ts';
import type { World } from './world.ts';

type Reached = { readonly says: readonly string[]; readonly world: World; readonly fair: boolean };

/** The states by number, the shortest way on which each was reached, and every way that the system goes by itself. */
export function createGraph(rules: Rules) {
  const indexOf = new Map<string, number>();
  const from: number[] = [];
  const says: (readonly string[])[] = [];
  const distance: number[] = [];
  const fairFrom: number[] = [];
  const fairTo: number[] = [];
  const ends = new Set<number>();

  function put(index: number, reached: { readonly from: number; readonly says: readonly string[]; readonly distance: number }): number {
    from[index] = reached.from;
    says[index] = reached.says;
    distance[index] = reached.distance;
    return index;
  }

  function add(key: string): number {
    indexOf.set(key, indexOf.size);
    return indexOf.size - 1;
  }

  return {
    size: () => indexOf.size,
    distanceOf: (index: number): number => distance[index] ?? 0,
    begin: (world: World): number => put(add(keyOf(world, rules)), { from: -1, says: ['ingress starts the home run r0'], distance: 0 }),
    /** `isNearer`: it has to be walked on from, for the first time or, on a shorter way, once more. */
    reach(way: Reached, { from: before }: { readonly from: number }): { readonly index: number; readonly isNearer: boolean } {
      const key = keyOf(way.world, rules);
      const known = indexOf.get(key);
      const index = known ?? add(key);
      const distanceHere = (distance[before] ?? 0) + way.says.length;
      const isNearer = known === undefined || distanceHere < (distance[index] ?? 0);
      if (isNearer) put(index, { from: before, says: way.says, distance: distanceHere });
      if (way.fair) {
        fairFrom.push(before);
        fairTo.push(index);
      }
      return { index, isNearer };
    },
    /** It is an end, or nobody has looked what follows. */
    ends: (index: number): void => void ends.add(index),
    trace(index: number): string[] {
      const ways: (readonly string[])[] = [];
      for (let at = index; at >= 0; at = from[at] ?? -1) ways.push(says[at] ?? []);
      return ways.toReversed().flat();
    },
    /** The nearest state from which no end can be reached; undefined if there is none. */
    stuck(): number | undefined {
      const canEnd = new Uint8Array(indexOf.size);
      for (const index of ends) canEnd[index] = 1;
      // Most ways lead on, so going backwards settles nearly all of them in the first round.
      for (let changed = true; changed;) {
        changed = false;
        for (let way = fairFrom.length - 1; way >= 0; way -= 1) {
          const source = fairFrom[way] ?? 0;
          if (canEnd[source] === 1 || canEnd[fairTo[way] ?? 0] === 0) continue;
          canEnd[source] = 1;
          changed = true;
        }
      }
      const stuck = [...canEnd.keys()].filter((index) => canEnd[index] === 0);
      return stuck.length === 0
        ? undefined
        : stuck.reduce((nearest, index) => ((distance[index] ?? 0) < (distance[nearest] ?? 0) ? index : nearest));
    },
  };
}
