/**
 * kafkajs 2.2.4 arms the timer of its request queue again even when nothing is queued, with a delay of about -Date.now(), which
 * Node.js makes 1 ms: an idle connection wakes up a thousand times a second (kafkajs#1704). Here nothing pending means no timer,
 * because `push` arms it when something becomes pending.
 */
import { onlyOnce, prototypeOf } from './internals.ts';

const CHECK_EVERY_MS = 10;

type RequestQueue = {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
};

type Timing = Record<'scheduleCheckPendingRequests' | 'checkPendingRequests', (this: RequestQueue) => void>;

/** Patches kafkajs for this process. Whatever connections there are rest from their next timer on. */
export const stopIdleTimers = onlyOnce(() => {
  const prototype = prototypeOf<Timing>('src/network/requestQueue', ['scheduleCheckPendingRequests', 'checkPendingRequests']);
  prototype.scheduleCheckPendingRequests = function schedule() {
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
});
