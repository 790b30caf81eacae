import type { ReadRequest, ResultApi } from '../../activities/ports.ts';
import { createPacer } from '../async/pacer.ts';
import { createSemaphore } from '../async/semaphore.ts';
import { type Clock, createSystemClock } from '../async/sleep.ts';
import { type ReadReport, unsent } from '../domain/reading/report.ts';

export type LimitOptions = {
  /** Reads begun in any one second, at most. Default: no limit. May be below 1. */
  readonly maxReadsPerSecond?: number;
  /** Reads in flight, at most. Default: no limit. */
  readonly maxConcurrent?: number;
  /** How long a read may wait for its turn, in ms, before it is answered UNSENT/OWN_RATE_LIMIT. */
  readonly maxWaitMs: number;
  readonly clock?: Clock;
};

/**
 * Bounds how fast and how many at once reads reach `api`, first come first served. A read whose turn would come too late is
 * answered at once or after `maxWaitMs` without being made, so that its slot is given back.
 */
export function limitReads(api: ResultApi, options: LimitOptions): ResultApi {
  const clock = options.clock ?? createSystemClock();
  const semaphore = createSemaphore(options.maxConcurrent ?? Number.POSITIVE_INFINITY);
  const pacer = createPacer(options.maxReadsPerSecond ?? Number.POSITIVE_INFINITY);

  async function readInTurn(request: ReadRequest, giveUpAtMs: number): Promise<ReadReport> {
    for (;;) {
      const turn = pacer.takeTurn(clock.now(), { latestMs: giveUpAtMs });
      if (turn === undefined) return unsent('OWN_RATE_LIMIT', clock.now());
      await sleepUntil(turn.fromMs);
      if (clock.now() > request.notAfterMs) return unsent('WINDOW_PASSED', clock.now());
      // A process that stood still must not begin all the turns it slept through at once.
      if (clock.now() <= turn.untilMs) return api.getResult(request);
    }
  }

  async function sleepUntil(atMs: number): Promise<void> {
    // A timer may fire a fraction early; the turn must not.
    for (let leftMs = atMs - clock.now(); leftMs > 0; leftMs = atMs - clock.now()) await clock.sleep(Math.ceil(leftMs));
  }

  return {
    async getResult(request) {
      const giveUpAtMs = clock.now() + options.maxWaitMs;
      const report = await semaphore.runUnless(
        (signal) => clock.sleep(options.maxWaitMs, signal),
        () => readInTurn(request, giveUpAtMs),
      );
      return report ?? unsent('OWN_RATE_LIMIT', clock.now());
    },
  };
}
