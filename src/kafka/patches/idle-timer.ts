/**
 * Lets the timers of kafkajs's request queue rest. kafkajs 2.2.4 arms one again even when nothing is queued, with a delay of about
 * -Date.now(), which Node.js makes 1 ms: an idle connection wakes up a thousand times a second (kafkajs#1704). Here nothing pending
 * means no timer, because `push` arms it when something becomes pending. Another one looks ten times a second, on each connection,
 * for requests without an answer, of which none is late before 30 s.
 */
import { onlyOnce, prototypeOf } from './internals.ts';

const CHECK_EVERY_MS = 10;
/** What a request without an answer may take longer than its time-out. */
const LOOK_FOR_LATE_EVERY_MS = 1_000;

type Request = { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void };

type RequestQueue = {
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<number, Request>;
  readonly throttledUntil: number;
  readonly requestTimeout: number;
  readonly enforceRequestTimeout: boolean;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  isConnected(): boolean;
  checkPendingRequests(): void;
  destroy(): void;
};

type Timing = Record<
  'scheduleCheckPendingRequests' | 'checkPendingRequests' | 'scheduleRequestTimeoutCheck' | 'destroy',
  (this: RequestQueue) => void
>;

/** Patches kafkajs for this process. Whatever connections there are rest from their next timer on. */
export const stopIdleTimers = onlyOnce(() => {
  const prototype = prototypeOf<Timing>('src/network/requestQueue', [
    'scheduleCheckPendingRequests',
    'checkPendingRequests',
    'scheduleRequestTimeoutCheck',
    'destroy',
  ]);
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
  prototype.scheduleRequestTimeoutCheck = function schedule() {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(
      () => {
        for (const request of this.inflight.values()) if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
        if (!this.isConnected()) this.destroy();
      },
      Math.min(this.requestTimeout, LOOK_FOR_LATE_EVERY_MS),
    );
  };
});
