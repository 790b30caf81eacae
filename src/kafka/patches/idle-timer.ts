import { prototypeOf } from './internals.ts';

const CHECK_EVERY_MS = 10;

type RequestQueue = {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
};

let applied = false;

/**
 * kafkajs 2.2.4 re-arms the timer of its request queue with a delay of about -Date.now(), that is 1 ms, even when nothing
 * is queued: an idle connection wakes up a thousand times a second (kafkajs#1751). Nothing pending needs no timer: `push`
 * arms it when something becomes pending.
 */
export function stopIdleTimers(): void {
  if (applied) return;
  applied = true;
  const prototype = prototypeOf('src/network/requestQueue', ['scheduleCheckPendingRequests', 'checkPendingRequests']);
  prototype['scheduleCheckPendingRequests'] = function schedule(this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledForMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledForMs > 0 ? throttledForMs : CHECK_EVERY_MS,
    );
  };
}
