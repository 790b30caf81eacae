import { expect, test } from 'vitest';
import type { ResultApi, ReadRequest } from '../../activities/ports.ts';
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

test('without limits a read goes straight through', async () => {
  const { limited, seen } = setUp({ maxWaitMs: 0 });
  await Promise.all([1, 2, 3].map(() => limited.getResult(request())));
  expect(seen.begunAtMs).toEqual([0, 0, 0]);
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

test('a read whose window passed while it waited is not made', async () => {
  const { clock, limited, seen } = setUp({ maxConcurrent: 1, maxWaitMs: 5_000 }, 1_001);
  const first = limited.getResult(request());
  const late = limited.getResult(request(1_000));
  await clock.run(3_000);
  await first;
  expect(await late).toMatchObject({ kind: 'UNSENT', cause: 'WINDOW_PASSED' });
  expect(seen.begunAtMs).toEqual([0]);
});

test('who waits goes by the end of its window, so that no last read waits behind others that have time', async () => {
  const { clock, limited, seen } = setUp({ maxConcurrent: 1, maxWaitMs: 5_000 }, 100);
  const ends = [90_000, 80_000, 70_000, 10_000, 80_000];
  const order: number[] = [];
  const reports = ends.map(async (end) => {
    await limited.getResult(request(end));
    order.push(end);
  });
  await clock.run(1_000);
  await Promise.all(reports);
  expect(seen.mostAtOnce).toBe(1);
  expect(order).toEqual([90_000, 10_000, 70_000, 80_000, 80_000]);
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
  let underway = 0;
  let most = 0;
  const api: ResultApi = {
    async getResult() {
      underway += 1;
      most = Math.max(most, underway);
      await new Promise((resolve) => setImmediate(resolve));
      underway -= 1;
      return { kind: 'UNCERTAIN', cause: 'TIMEOUT', endedAt: 'x' };
    },
  };
  const limited = limitReads(api, { maxConcurrent: 3, maxWaitMs: 5_000 });
  const reports = await Promise.all(Array.from({ length: 10 }, () => limited.getResult(request())));
  expect([most, reports.filter(({ kind }) => kind === 'UNCERTAIN').length]).toEqual([3, 10]);
});

/** An account that takes so many at once, as the emulator with `maxConcurrent`, and the workers that ask it. */
function account({ takes, workers, tookMs = 100 }: { readonly takes: number; readonly workers: number; readonly tookMs?: number }) {
  const clock = new VirtualClock();
  const seen = { taken: 0, refused: 0, inFlight: 0 };
  const api: ResultApi = {
    async getResult() {
      seen.inFlight += 1;
      const isRefused = seen.inFlight > takes;
      await clock.sleep(isRefused ? 5 : tookMs);
      seen.inFlight -= 1;
      seen[isRefused ? 'refused' : 'taken'] += 1;
      const common = { vendorRequestIds: [], sentAt: 'x', answeredAt: 'x' };
      return isRefused
        ? { kind: 'VENDOR_ERROR', error: 'CONCURRENCY_LIMIT_EXCEEDED', httpStatus: 403, ...common }
        : { kind: 'VENDOR_ERROR', error: 'RESULT_NOT_FOUND', httpStatus: 404, ...common };
    },
  };
  const lowered: number[] = [];
  const limited = Array.from({ length: workers }, () =>
    limitReads(api, { maxWaitMs: 15_000, clock, onLowered: (places) => lowered.push(places) }),
  );
  return { clock, seen, limited, lowered };
}

test('learns from refusals how many the account takes, uses most of it, and lets the rest wait', async () => {
  const { clock, seen, limited, lowered } = account({ takes: 12, workers: 4 });
  let running = true;
  const load = limited.flatMap((worker) =>
    Array.from({ length: 40 }, async () => {
      while (running) await worker.getResult(request());
    }),
  );
  await clock.run(20_000);
  const before = { ...seen };
  await clock.run(80_000);
  const [taken, refused] = [seen.taken - before.taken, seen.refused - before.refused];
  // 12 at once, 100 ms each: 120 a second at best.
  expect(taken).toBeGreaterThan(60 * 120 * 0.7);
  expect(refused / (taken + refused)).toBeLessThan(0.08);
  expect(Math.min(...lowered)).toBeGreaterThanOrEqual(1);
  running = false;
  await clock.run(120_000);
  await Promise.all(load);
});

test('where the account takes fewer at once than there are workers, they take turns', async () => {
  const { clock, seen, limited } = account({ takes: 1, workers: 4 });
  let running = true;
  const load = limited.flatMap((worker) =>
    Array.from({ length: 10 }, async () => {
      while (running) await worker.getResult(request());
    }),
  );
  await clock.run(10_000);
  const before = { ...seen };
  await clock.run(130_000);
  const [taken, refused] = [seen.taken - before.taken, seen.refused - before.refused];
  expect(taken).toBeGreaterThan(200);
  expect(refused / (taken + refused)).toBeLessThan(0.35);
  running = false;
  await clock.run(200_000);
  await Promise.all(load);
});

test('recovers once the account takes more again', async () => {
  const limits = { takes: 2 };
  const clock = new VirtualClock();
  let inFlight = 0;
  let most = 0;
  const api: ResultApi = {
    async getResult() {
      inFlight += 1;
      most = Math.max(most, inFlight);
      const error = inFlight > limits.takes ? 'CONCURRENCY_LIMIT_EXCEEDED' : 'RESULT_NOT_FOUND';
      await clock.sleep(50);
      inFlight -= 1;
      return { kind: 'VENDOR_ERROR', error, httpStatus: 403, vendorRequestIds: [], sentAt: 'x', answeredAt: 'x' };
    },
  };
  const limited = limitReads(api, { maxConcurrent: 20, maxWaitMs: 15_000, clock });
  let running = true;
  const load = Array.from({ length: 30 }, async () => {
    while (running) await limited.getResult(request());
  });
  await clock.run(5_000);
  most = 0;
  await clock.run(6_000);
  expect(most).toBeLessThanOrEqual(4);
  limits.takes = 100;
  await clock.run(30_000);
  expect(most).toBe(20);
  running = false;
  await clock.run(40_000);
  await Promise.all(load);
});

test('one burst of refusals lowers the limit once, and never below one', async () => {
  const { clock, limited, lowered } = account({ takes: 0, workers: 1 });
  const burst = limited.flatMap((worker) => Array.from({ length: 64 }, () => worker.getResult(request())));
  await clock.run(10_000);
  await Promise.all(burst);
  expect(lowered).toEqual([32]);
  for (let round = 0; round < 12; round += 1) {
    const next = limited.flatMap((worker) => Array.from({ length: 64 }, () => worker.getResult(request())));
    await clock.run(clock.nowMs + 20_000);
    await Promise.all(next);
  }
  expect(lowered.slice(0, 6)).toEqual([32, 16, 8, 4, 2, 1]);
  expect(lowered.slice(6).every((places) => places === 1)).toBe(true);
});
