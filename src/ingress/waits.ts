import type { IngressEvents, WaitCause } from './events.ts';

/** Counts what waits for what, so that one outage is one `paused` and one `resumed`, however many records it stops. */
export type Waits = {
  begin(cause: WaitCause): void;
  end(cause: WaitCause): void;
  /** What records wait for now; not empty: not ready, yet alive. */
  current(): readonly WaitCause[];
};

export function createWaits(events: IngressEvents, now: () => number): Waits {
  const waiting = new Map<WaitCause, { count: number; sinceMs: number }>();
  return {
    begin(cause) {
      const wait = waiting.get(cause);
      if (wait) {
        wait.count += 1;
        return;
      }
      waiting.set(cause, { count: 1, sinceMs: now() });
      events.paused({ cause });
    },
    end(cause) {
      const wait = waiting.get(cause);
      if (!wait) return;
      wait.count -= 1;
      if (wait.count > 0) return;
      waiting.delete(cause);
      events.resumed({ cause, pausedMs: now() - wait.sinceMs });
    },
    current: () => [...waiting.keys()],
  };
}
