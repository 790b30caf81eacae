/** Bounds how many bytes are held at once; who waits is served in order of arrival, so that nothing large waits for ever. */
export type ByteRoom = {
  /**
   * Resolves with the way to give the room back, once there is room; undefined if there is none until `untilMs` (epoch ms), or never, or
   * at once if too much is waiting already: who waits holds its bytes, too.
   */
  take(bytes: number, untilMs: number): Promise<(() => void) | undefined>;
  /** Bytes held now. */
  taken(): number;
};

type Waiter = { readonly bytes: number; readonly enter: () => void };

/** `mostWaiting`: bytes of those who wait, together. */
export function createByteRoom(capacity: number, mostWaiting = Number.POSITIVE_INFINITY): ByteRoom {
  const waiting = new Set<Waiter>();
  let taken = 0;
  const waitingBytes = (): number => [...waiting].reduce((sum, { bytes }) => sum + bytes, 0);

  function letIn(): void {
    for (const waiter of waiting) {
      if (taken + waiter.bytes > capacity) return;
      waiting.delete(waiter);
      waiter.enter();
    }
  }

  function hold(bytes: number): () => void {
    let held = bytes;
    taken += bytes;
    return () => {
      taken -= held;
      held = 0;
      letIn();
    };
  }

  return {
    taken: () => taken,
    async take(bytes, untilMs) {
      if (bytes > capacity) return undefined;
      if (waiting.size === 0 && taken + bytes <= capacity) return hold(bytes);
      if (waitingBytes() + bytes > mostWaiting) return undefined;
      return await new Promise((resolve) => {
        const waiter: Waiter = {
          bytes,
          enter() {
            clearTimeout(timer);
            resolve(hold(bytes));
          },
        };
        const timer = setTimeout(
          () => {
            waiting.delete(waiter);
            resolve(undefined);
            // It may have been what smaller ones waited behind.
            letIn();
          },
          Math.max(0, untilMs - Date.now()),
        );
        waiting.add(waiter);
      });
    },
  };
}
