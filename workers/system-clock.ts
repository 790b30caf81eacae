import type { SetAlarm } from '../src/ingress/in-process-admission.ts';
import type { Clock } from '../src/ingress/clock.ts';

/** The real clock behind the ports of ingress. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (durationMs, signal) => {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, durationMs);
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
};

export const setAlarm: SetAlarm = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};
