import type { ReadRequest, ResultApi } from '../../activities/ports.ts';
import { type Clock, createSystemClock } from '../async/sleep.ts';
import { defined } from '../domain/defined.ts';
import { type ReadReport, unsent } from '../domain/reading/report.ts';
import { createWindow, type WindowOptions } from './window.ts';

/** More than the places of a worker: no limit, until the vendor refuses a read. */
const UNLIMITED = 1_000;

export type LimitOptions = Pick<WindowOptions, 'onLowered'> & {
  /** Reads in flight, at most. Default: as many as the vendor takes. */
  readonly maxConcurrent?: number;
  /** How long a read may wait for its turn, in ms, before it is answered UNSENT/OWN_RATE_LIMIT. */
  readonly maxWaitMs: number;
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
};

/** Called with what came of the read. */
type End = (report?: ReadReport) => void;
type Waiting = { readonly notAfterMs: number; readonly begin: (end: End) => void };

/**
 * Bounds how many reads reach `api` at once, and learns from the vendor's refusals how many the account takes. Who waits goes by
 * the end of its window, so that no last read waits behind others that have time. A read whose turn does not come within
 * `maxWaitMs` is answered without being made, so that its slot is given back.
 */
export function limitReads(api: ResultApi, options: LimitOptions): ResultApi {
  const { maxWaitMs, clock = createSystemClock(), random = Math.random } = options;
  const window = createWindow({ most: options.maxConcurrent ?? UNLIMITED, ...defined({ onLowered: options.onLowered }) });
  const line = new Set<Waiting>();
  let isPausing = false;

  /** Resolves undefined if the turn does not come in time. */
  async function turn(notAfterMs: number): Promise<End | undefined> {
    if (line.size === 0 && !isPausing && !window.isFull()) return window.begin();
    const patience = new AbortController();
    return await new Promise((resolve) => {
      const place: Waiting = {
        notAfterMs,
        begin(end) {
          patience.abort();
          resolve(end);
        },
      };
      line.add(place);
      const leave = (): void => {
        if (line.delete(place)) resolve(undefined);
      };
      clock.sleep(maxWaitMs, patience.signal).then(leave, leave);
    });
  }

  function letIn(): void {
    while (line.size > 0 && !isPausing && !window.isFull()) {
      const next = [...line].reduce((first, one) => (one.notAfterMs < first.notAfterMs ? one : first));
      line.delete(next);
      next.begin(window.begin());
    }
  }

  /** Of random length, or processes that were refused together would come together again. */
  async function pause(): Promise<void> {
    const pauseMs = window.pauseMs();
    if (pauseMs === 0 || isPausing) return;
    isPausing = true;
    await clock.sleep(Math.ceil(pauseMs * (0.5 + random())));
    isPausing = false;
    letIn();
  }

  async function read(request: ReadRequest, end: End): Promise<ReadReport> {
    let report: ReadReport | undefined;
    try {
      report = clock.now() > request.notAfterMs ? unsent('WINDOW_PASSED', clock.now()) : await api.getResult(request);
      return report;
    } finally {
      end(report);
      void pause();
      letIn();
    }
  }

  return {
    async getResult(request) {
      const end = await turn(request.notAfterMs);
      return end === undefined ? unsent('OWN_RATE_LIMIT', clock.now()) : await read(request, end);
    },
  };
}
