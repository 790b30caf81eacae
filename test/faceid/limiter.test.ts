import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ResultApi, ReadRequest } from '../../activities/ports.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import type { Clock } from '../../src/async/sleep.ts';
import { limitReads, type LimitOptions } from '../../src/faceid/limiter.ts';

/** Virtual time: sleepers wake in order as the clock is moved. */
class VirtualClock implements Clock {
  nowMs = 0;
  /** Extra delay of every timer, as on a busy machine. */
  lateMs = 0;
  readonly #sleepers: { atMs: number; wake: () => void }[] = [];

  readonly now = (): number => this.nowMs;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const sleeper = { atMs: this.nowMs + ms + this.lateMs, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        resolve();
      });
    });

  get sleeping(): number {
    return this.#sleepers.length;
  }

  async run(untilMs: number): Promise<void> {
    for (;;) {
      await turn();
      this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = this.#sleepers[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#sleepers.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.wake();
    }
    this.nowMs = untilMs;
  }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Answers after `tookMs` of virtual time, and remembers when each read began. */
function recordingApi(clock: VirtualClock, tookMs = 0) {
  const begunAtMs: number[] = [];
  let running = 0;
  const seen = { begunAtMs, mostAtOnce: 0 };
  const api: ResultApi = {
    async getResult() {
      begunAtMs.push(clock.nowMs);
      running += 1;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, running);
      if (tookMs > 0) await clock.sleep(tookMs);
      running -= 1;
      return { kind: 'UNCERTAIN', cause: 'TIMEOUT', endedAt: 'x' };
    },
  };
  return { api, seen };
}

function request(notAfterMs = Number.MAX_SAFE_INTEGER): ReadRequest {
  return { token: 't', returnImage: 0, notAfterMs };
}

function setUp(options: Omit<LimitOptions, 'clock'>, tookMs = 0) {
  const clock = new VirtualClock();
  const { api, seen } = recordingApi(clock, tookMs);
  const limited = limitReads(api, { ...options, clock });
  return { clock, seen, limited };
}

function mostInAnySecond(instants: readonly number[]): number {
  return Math.max(0, ...instants.map((from) => instants.filter((at) => at >= from && at < from + 1_000).length));
}

test('without limits a read goes straight through', async () => {
  const { limited, seen } = setUp({ maxWaitMs: 0 });
  await Promise.all([1, 2, 3].map(() => limited.getResult(request())));
  expect(seen.begunAtMs).toEqual([0, 0, 0]);
});

test('invariant 9: no second, wherever it begins, holds more reads than the rate, however late timers fire', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 400 }), lateMs: fc.constantFrom(0, 1, 15, 30, 700) }), { maxLength: 60 }),
      async (rate, reads) => {
        const { clock, limited, seen } = setUp({ maxReadsPerSecond: rate, maxWaitMs: 5_000 });
        const reports: Promise<ReadReport>[] = [];
        for (const { afterMs, lateMs } of reads) {
          clock.lateMs = lateMs;
          reports.push(limited.getResult(request()), limited.getResult(request()));
          await clock.run(clock.nowMs + afterMs);
        }
        await clock.run(clock.nowMs + 60_000);
        await Promise.all(reports);
        expect(mostInAnySecond(seen.begunAtMs)).toBeLessThanOrEqual(rate);
      },
    ),
    { numRuns: 60 },
  );
});

test('the rate is used up to 2 %', async () => {
  const { clock, limited, seen } = setUp({ maxReadsPerSecond: 10, maxWaitMs: 60_000 });
  const reports = Array.from({ length: 200 }, () => limited.getResult(request()));
  await clock.run(10_000);
  expect(seen.begunAtMs.length).toBeGreaterThanOrEqual(98);
  await clock.run(60_000);
  await Promise.all(reports);
});

test('a rate below one is kept', async () => {
  const { clock, limited, seen } = setUp({ maxReadsPerSecond: 0.5, maxWaitMs: 10_000 });
  const reports = [1, 2, 3].map(() => limited.getResult(request()));
  await clock.run(10_000);
  await Promise.all(reports);
  expect(seen.begunAtMs).toEqual([0, 2_040, 4_080]);
});

test('never more reads in flight than allowed, first come first served', async () => {
  const { clock, limited, seen } = setUp({ maxConcurrent: 2, maxWaitMs: 10_000 }, 100);
  const reports = [1, 2, 3, 4, 5].map(() => limited.getResult(request()));
  await clock.run(1_000);
  await Promise.all(reports);
  expect(seen.mostAtOnce).toBe(2);
  expect(seen.begunAtMs).toEqual([0, 0, 100, 100, 200]);
  expect(clock.sleeping).toBe(0);
});

test('a read that cannot get a connection in time is not made', async () => {
  const { clock, limited, seen } = setUp({ maxConcurrent: 1, maxWaitMs: 50 }, 100);
  const first = limited.getResult(request());
  const second = limited.getResult(request());
  await clock.run(50);
  expect(await second).toEqual({ kind: 'UNSENT', cause: 'OWN_RATE_LIMIT', endedAt: '1970-01-01T00:00:00.050Z' });
  await clock.run(200);
  await first;
  const third = limited.getResult(request());
  await clock.run(400);
  expect(await third).toMatchObject({ kind: 'UNCERTAIN' });
  expect(seen.begunAtMs).toEqual([0, 200]);
});

test('a read whose turn would come too late is answered at once and takes no turn', async () => {
  const { clock, limited, seen } = setUp({ maxReadsPerSecond: 1, maxWaitMs: 500 });
  await limited.getResult(request());
  expect(await limited.getResult(request())).toMatchObject({ kind: 'UNSENT', cause: 'OWN_RATE_LIMIT' });
  await clock.run(1_020);
  await limited.getResult(request());
  expect(seen.begunAtMs).toEqual([0, 1_020]);
});

test('a read whose window passed while it waited is not made', async () => {
  const { clock, limited, seen } = setUp({ maxReadsPerSecond: 1, maxWaitMs: 5_000 });
  await limited.getResult(request());
  const late = limited.getResult(request(1_000));
  await clock.run(2_000);
  expect(await late).toMatchObject({ kind: 'UNSENT', cause: 'WINDOW_PASSED' });
  expect(seen.begunAtMs).toEqual([0]);
});

test('a read that throws gives its place back', async () => {
  const clock = new VirtualClock();
  let reads = 0;
  const api: ResultApi = {
    getResult: () => {
      reads += 1;
      return Promise.reject(new Error('bug'));
    },
  };
  const limited = limitReads(api, { maxConcurrent: 1, maxWaitMs: 0, clock });
  await expect(limited.getResult(request())).rejects.toThrow('bug');
  await expect(limited.getResult(request())).rejects.toThrow('bug');
  expect(reads).toBe(2);
});

test('works on the real clock', async () => {
  const begunAtMs: number[] = [];
  const api: ResultApi = {
    async getResult() {
      begunAtMs.push(Date.now());
      return { kind: 'UNCERTAIN', cause: 'TIMEOUT', endedAt: 'x' };
    },
  };
  const limited = limitReads(api, { maxReadsPerSecond: 50, maxConcurrent: 3, maxWaitMs: 5_000 });
  await Promise.all(Array.from({ length: 10 }, () => limited.getResult(request())));
  // Turns are 20.4 ms apart, and the first read may begin up to 20 ms after its turn on a busy machine.
  expect((begunAtMs.at(-1) ?? 0) - (begunAtMs[0] ?? 0)).toBeGreaterThanOrEqual(9 * 20 - 20);
});
