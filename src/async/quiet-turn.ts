/** A longer turn of the event loop is no moment: sockets may have got news since they were read. */
const QUIET_MS = 5;
/** A process that is never quiet goes on all the same. */
const MAX_BUSY_TURNS = 10;

/**
 * Calls `then` after a turn of the event loop that read the sockets a moment ago. In a process that stood still (a frozen container,
 * a busy processor), timers run before sockets are read: what a timer finds says nothing of what has arrived.
 */
export function afterQuietTurn(then: () => void, turnsLeft = MAX_BUSY_TURNS): void {
  const beganAtMs = performance.now();
  setImmediate(() => {
    if (turnsLeft === 0 || performance.now() - beganAtMs < QUIET_MS) then();
    else afterQuietTurn(then, turnsLeft - 1);
  });
}
