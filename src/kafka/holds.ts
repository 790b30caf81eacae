import type { Hold, HoldEvents } from './events.ts';
import type { Place } from './rewinds.ts';

type Met = Pick<Hold, 'why' | 'offset' | 'detail'>;

/** Which partitions stand still, and since when. */
export type Holds = {
  /** Nothing of it can be had from this offset on. Told once, at once or after the patience that is due. */
  meet(place: Place, met: Met): void;
  /** It moves. */
  release(place: Place, why?: Hold['why']): void;
  /** Only these partitions are ours now. */
  keep(isOurs: (place: Place) => boolean): void;
  /** Those that were told. */
  list(): readonly Hold[];
};

/** Shorter waits for a transaction are what transactions are for. */
const PATIENCE_MS = { UNREADABLE: 0, OPEN_TRANSACTION: 10_000 } as const;

export function createHolds(events: HoldEvents, now: () => number = Date.now): Holds {
  const holds = new Map<string, { readonly hold: Hold; told: boolean }>();
  const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

  function drop(key: string): void {
    const known = holds.get(key);
    holds.delete(key);
    if (known?.told) events.released(known.hold);
  }

  return {
    meet({ topic, partition }, met) {
      const key = keyOf({ topic, partition });
      const known = holds.get(key);
      if (known?.hold.offset !== met.offset || known.hold.why !== met.why) {
        drop(key);
        holds.set(key, { hold: { topic, partition, ...met, sinceMs: now() }, told: false });
      }
      const current = holds.get(key);
      if (!current || current.told || now() - current.hold.sinceMs < PATIENCE_MS[met.why]) return;
      current.told = true;
      events.held(current.hold);
    },
    release(place, why) {
      const key = keyOf(place);
      if (why === undefined || holds.get(key)?.hold.why === why) drop(key);
    },
    keep(isOurs) {
      for (const [key, { hold }] of holds) if (!isOurs(hold)) drop(key);
    },
    list: () => [...holds.values()].flatMap(({ hold, told }) => (told ? [hold] : [])),
  };
}

/** For `/ready`. */
export function describeHold({ topic, partition, offset, sinceMs, detail }: Hold): string {
  return `${topic} partition ${partition} at offset ${offset} since ${new Date(sinceMs).toISOString()}: ${detail}`;
}
