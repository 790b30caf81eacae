import { setTimeout as delay } from 'node:timers/promises';
import type { ResultApi, ReadRequest } from '../../activities/ports.ts';
import { createPacer } from '../async/pacer.ts';
import { createSemaphore } from '../async/semaphore.ts';
import type { ReadReport } from '../domain/reading/report.ts';

export type LimitOptions = {
  /** Calls begun in any one second, at most. Default: no limit. May be below 1. */
  readonly maxReadsPerSecond?: number;
  /** Calls in flight, at most. Default: no limit. */
  readonly maxConcurrent?: number;
  /** How long a call may wait for its turn before it is answered UNSENT/OWN_RATE_LIMIT. */
  readonly maxWaitMs: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly sleep?: Sleep;
};

/** Resolves after `ms`; may reject, and should stop its timer, when the signal aborts. */
export type Sleep = (ms: number, options: { readonly signal: AbortSignal }) => Promise<void>;

/**
 * Bounds how fast and how many at once calls reach `api`, first come first served. A call whose turn would come too
 * late is answered at once or after `maxWaitMs` without being made, so its slot is given back (design §5).
 */
export function limitReads(api: ResultApi, options: LimitOptions): ResultApi {
  const now = options.now ?? Date.now;
  const sleep = options.sleep ?? sleepFor;
  const semaphore = createSemaphore(options.maxConcurrent ?? Number.POSITIVE_INFINITY);
  const pacer = createPacer(options.maxReadsPerSecond ?? Number.POSITIVE_INFINITY);

  async function callInTurn(query: ReadRequest, giveUpAtMs: number): Promise<ReadReport> {
    for (;;) {
      const turn = pacer.takeTurn(now(), { latestMs: giveUpAtMs });
      if (turn === undefined) return unsent('OWN_RATE_LIMIT', now());
      await sleepUntil(turn.fromMs);
      if (now() > query.notAfterMs) return unsent('WINDOW_PASSED', now());
      // A process that stood still must not begin all the turns it slept through at once.
      if (now() <= turn.untilMs) return api.getResult(query);
    }
  }

  async function sleepUntil(atMs: number): Promise<void> {
    const { signal } = new AbortController();
    // A timer may fire a fraction early; the turn must not.
    for (let left = atMs - now(); left > 0; left = atMs - now()) await sleep(Math.ceil(left), { signal });
  }

  return {
    async getResult(query) {
      const giveUpAtMs = now() + options.maxWaitMs;
      const report = await semaphore.runUnless(
        (signal) => sleep(options.maxWaitMs, { signal }),
        () => callInTurn(query, giveUpAtMs),
      );
      return report ?? unsent('OWN_RATE_LIMIT', now());
    },
  };
}

function unsent(cause: 'OWN_RATE_LIMIT' | 'WINDOW_PASSED', endedAtMs: number): ReadReport {
  return { kind: 'UNSENT', cause, endedAt: new Date(endedAtMs).toISOString() };
}

async function sleepFor(ms: number, options: { readonly signal: AbortSignal }): Promise<void> {
  await delay(ms, undefined, options);
}
