import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { whenAborted } from '../../src/async/abort.ts';
import { backoffMs } from '../../src/async/backoff.ts';
import { createPacer } from '../../src/async/pacer.ts';
import { createSemaphore } from '../../src/async/semaphore.ts';
import { createSequencer } from '../../src/async/sequencer.ts';
import { sleep } from '../../src/async/sleep.ts';
import { LATE, withTimeout } from '../../src/async/timeout.ts';

const never = async (): Promise<never> => await new Promise(() => undefined);

describe('waiting for a signal', () => {
  it('tells each who still waits, once, in order of arrival, over one listener; and who comes late, at once', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (stays) => {
        const stopping = new AbortController();
        const told: number[] = [];
        const stops = stays.map((_, index) => whenAborted(stopping.signal, () => told.push(index)));
        for (const [index, stop] of stops.entries()) if (stays[index] === false) stop();
        expect(getEventListeners(stopping.signal, 'abort').length).toBe(Math.min(1, stays.length));
        stopping.abort();
        stopping.abort();
        expect(told).toEqual(stays.flatMap((stay, index) => (stay ? [index] : [])));
        whenAborted(stopping.signal, () => told.push(-1));
        expect(told.at(-1)).toBe(-1);
      }),
    );
  });

  it('does not tell somebody whom an earlier one, being told, has called off', () => {
    const stopping = new AbortController();
    const told: string[] = [];
    whenAborted(stopping.signal, () => {
      told.push('first');
      callOff();
    });
    const callOff = whenAborted(stopping.signal, () => told.push('second'));
    stopping.abort();
    expect(told).toEqual(['first']);
  });
});

describe('sleep', () => {
  it('ends after its time or at the abort, whichever is first, and leaves no timer', async () => {
    vi.useFakeTimers();
    try {
      const stopping = new AbortController();
      const slept: string[] = [];
      const short = sleep(10, stopping.signal).then(() => slept.push('short'));
      const long = sleep(60_000, stopping.signal).then(() => slept.push('long'));
      await vi.advanceTimersByTimeAsync(10);
      expect(slept).toEqual(['short']);
      stopping.abort();
      await Promise.all([short, long, sleep(60_000, stopping.signal)]);
      expect([slept, vi.getTimerCount()]).toEqual([['short', 'long'], 0]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('backoff', () => {
  it('doubles up to its longest wait, and half of each wait is random', () => {
    const waits = [1, 2, 3, 4, 5, 99].map((attempt) => backoffMs(attempt, { firstMs: 200, longestMs: 1_000 }));
    expect(waits).toEqual([200, 400, 800, 1_000, 1_000, 1_000]);
    expect(backoffMs(3, { firstMs: 200, longestMs: 1_000, random: () => 0 })).toBe(400);
    expect(backoffMs(3, { firstMs: 200, longestMs: 1_000, random: () => 1 })).toBe(800);
  });

  it('is never longer than its longest wait and never shorter than half of its first, however often it failed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 1, max: 1e5 }),
        fc.nat(1e7),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, firstMs, more, luck) => {
          const waitMs = backoffMs(attempt, { firstMs, longestMs: firstMs + more, random: () => luck });
          return waitMs >= firstMs / 2 && waitMs <= firstMs + more;
        },
      ),
    );
  });
});

describe('timeout', () => {
  it('answers LATE when the limit passes first, and the work or its failure when that comes first', async () => {
    const hung = never();
    await expect(withTimeout(hung, 1)).resolves.toBe(LATE);
    await expect(withTimeout(Promise.resolve('done'), 60_000)).resolves.toBe('done');
    await expect(withTimeout(Promise.reject(new Error('broken')), 60_000)).rejects.toThrow('broken');
  });

  it('drops its timer with the work, and takes a late failure for no unhandled rejection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    await withTimeout(Promise.resolve(), 60_000);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_resolve, reject) => (fail = reject));
    await expect(withTimeout(work, 1)).resolves.toBe(LATE);
    // Without a handler of its own this would end the test run.
    fail(new Error('too late to matter'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('semaphore', () => {
  it('lets in so many at once, the others in order of arrival, also after a failure', async () => {
    const semaphore = createSemaphore(2);
    const begun: number[] = [];
    let underway = 0;
    let most = 0;
    const work = (number: number) => async (): Promise<void> => {
      begun.push(number);
      underway += 1;
      most = Math.max(most, underway);
      await new Promise((resolve) => setImmediate(resolve));
      underway -= 1;
      if (number === 1) throw new Error('broken');
    };
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => semaphore.run(work(number))));
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});

describe('semaphore, whatever comes and fails', () => {
  it('has at most its places taken, forgets none of them, and serves in order of arrival', async () => {
    const visitor = fc.record({ fails: fc.boolean(), turns: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(visitor, { maxLength: 20 }), async (places, visitors) => {
        const semaphore = createSemaphore(places);
        const begun: number[] = [];
        let inside = 0;
        let most = 0;
        const work =
          (index: number, { fails, turns }: (typeof visitors)[number]) =>
          async (): Promise<void> => {
            begun.push(index);
            inside += 1;
            most = Math.max(most, inside);
            for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
            inside -= 1;
            if (fails) throw new Error('broken');
          };
        await Promise.allSettled(visitors.map((one, index) => semaphore.run(work(index, one))));
        expect(most).toBeLessThanOrEqual(places);
        expect(begun).toEqual(visitors.map((_, index) => index));
        // Every place is free again.
        const after = Array.from({ length: places }, () => semaphore.run(async () => 'in'));
        expect(await Promise.all(after)).toEqual(after.map(() => 'in'));
      }),
      { numRuns: 60 },
    );
  });
});

describe('pacer', () => {
  it('lets no more than its rate begin in any one second, wherever that begins, however late in their turns they begin', () => {
    const read = fc.record({ gapMs: fc.nat(2_000), late: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(read, { maxLength: 100 }), (perSecond, reads) => {
        const pacer = createPacer(perSecond);
        let nowMs = 0;
        const begunAtMs = reads.map(({ gapMs, late }) => {
          const { fromMs, untilMs } = pacer.takeTurn((nowMs += gapMs));
          return fromMs + late * (untilMs - fromMs);
        });
        for (const from of begunAtMs) {
          // A hair less than a second: sums of fractions of milliseconds are not exact.
          expect(begunAtMs.filter((at) => at >= from && at < from + 999.999).length).toBeLessThanOrEqual(perSecond);
        }
      }),
    );
  });

  it('takes no turn for a read that would come too late for it', () => {
    const pacer = createPacer(1);
    pacer.takeTurn(0);
    expect(pacer.takeTurn(0, { latestMs: 1_019 })).toBeUndefined();
    expect(pacer.takeTurn(0, { latestMs: 1_020 })).toMatchObject({ fromMs: 1_020 });
  });

  it('spaces turns evenly and does not make up for idle time', () => {
    const pacer = createPacer(4);
    const turns = [0, 0, 10_000, 10_000].map((nowMs) => pacer.takeTurn(nowMs).fromMs);
    expect(turns).toEqual([0, 255, 10_000, 10_255]);
  });
});

describe('sequencer', () => {
  it('runs works of one key in order, others side by side, also after a failure', async () => {
    const { run } = createSequencer();
    const log: string[] = [];
    let release: () => void = () => undefined;
    const slow = run('a', async () => {
      await new Promise<void>((resolve) => (release = resolve));
      log.push('a1');
      throw new Error('broken');
    });
    const next = run('a', async () => void log.push('a2'));
    await run('b', async () => void log.push('b1'));
    release();
    await expect(slow).rejects.toThrow('broken');
    await next;
    expect(log).toEqual(['b1', 'a1', 'a2']);
  });

  it('keeps the order of each key, whatever comes, and never has two of one key at once', async () => {
    const arrival = fc.record({ key: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(3), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 30 }), async (arrivals) => {
        const { run } = createSequencer();
        const log: { key: string; index: number }[] = [];
        const busy = new Set<string>();
        await Promise.allSettled(
          arrivals.map(({ key, turns, fails }, index) =>
            run(key, async () => {
              expect(busy.has(key)).toBe(false);
              busy.add(key);
              for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
              busy.delete(key);
              log.push({ key, index });
              if (fails) throw new Error('broken');
            }),
          ),
        );
        expect(log).toHaveLength(arrivals.length);
        for (const key of ['a', 'b', 'c']) {
          const order = log.filter((one) => one.key === key).map(({ index }) => index);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 60 },
    );
  });
});
