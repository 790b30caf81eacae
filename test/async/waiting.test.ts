import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/async/backoff.ts';
import { createPacer } from '../../src/async/pacer.ts';
import { createSemaphore } from '../../src/async/semaphore.ts';
import { createSequencer } from '../../src/async/sequencer.ts';
import type { sleep } from '../../src/async/sleep.ts';
import { LATE, withTimeout } from '../../src/async/timeout.ts';

const never = async (): Promise<never> => await new Promise(() => undefined);

describe('backoff', () => {
  it('doubles up to its longest wait, and half of each wait is random', () => {
    const waits = [1, 2, 3, 4, 5, 99].map((attempt) => backoffMs(attempt, { firstMs: 200, longestMs: 1_000 }));
    expect(waits).toEqual([200, 400, 800, 1_000, 1_000, 1_000]);
    expect(backoffMs(3, { firstMs: 200, longestMs: 1_000, random: () => 0 })).toBe(400);
    expect(backoffMs(3, { firstMs: 200, longestMs: 1_000, random: () => 1 })).toBe(800);
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
    let dropped = 0;
    const wait: typeof sleep = async (_ms, signal) => {
      signal?.addEventListener('abort', () => (dropped += 1));
      await never();
    };
    await withTimeout(Promise.resolve(), 60_000, wait);
    expect(dropped).toBe(1);
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

  it('does not begin what gave up waiting, and gives its place to the next one', async () => {
    const semaphore = createSemaphore(1);
    let leave: () => void = () => undefined;
    const first = semaphore.run(async () => await new Promise<void>((resolve) => (leave = resolve)));
    await expect(semaphore.runUnless(async () => undefined, never)).resolves.toBeUndefined();
    const last = semaphore.runUnless(never, async () => 'served');
    leave();
    await first;
    await expect(last).resolves.toBe('served');
  });
});

describe('pacer', () => {
  it('spaces turns evenly and does not make up for idle time', () => {
    const pacer = createPacer(4);
    const turns = [0, 0, 10_000, 10_000].map((nowMs) => pacer.reserve(nowMs).fromMs);
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
});
