import { expect, it } from 'vitest';
import { mapInOrder, type Pace } from '../../src/async/in-order.ts';

/** As fast as possible, with so many works under way. */
function pace(atOnce: number): Pace {
  const clock = { monotonicMs: () => 0, sleep: async () => await Promise.resolve() };
  return { atOnce, perSecond: Number.POSITIVE_INFINITY, clock, signal: new AbortController().signal };
}

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) yield await Promise.resolve(number);
}

it('keeps the order with at most so many calls under way, however long the stream is', async () => {
  let underway = 0;
  let most = 0;
  const seen: number[] = [];
  const work = async (number: number): Promise<number> => {
    underway += 1;
    most = Math.max(most, underway);
    for (let turn = 0; turn < 1 + ((number * 7) % 5); turn += 1) await new Promise((resolve) => setImmediate(resolve));
    underway -= 1;
    return number;
  };
  for await (const number of mapInOrder(numbers(1_000), work, pace(8))) seen.push(number);
  expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  expect(most).toBe(8);
});

it('lets through what was begun before it fails', async () => {
  const done: number[] = [];
  const work = async (number: number): Promise<number> => {
    if (number === 1) throw new Error('away');
    await Promise.resolve();
    done.push(number);
    return number;
  };
  const all = async (): Promise<void> => {
    for await (const number of mapInOrder(numbers(9), work, pace(4))) expect(number).toBe(0);
  };
  await expect(all()).rejects.toThrow('away');
  expect(done).toEqual([0, 2, 3, 4]);
});

it('begins so many a second, nothing once the signal has fired, and yields what was under way', async () => {
  const stopping = new AbortController();
  let nowMs = 0;
  const clock = {
    monotonicMs: () => nowMs,
    sleep: async (durationMs: number) => {
      nowMs += durationMs;
      await Promise.resolve();
    },
  };
  const begunAtMs: number[] = [];
  const work = async (number: number): Promise<number | undefined> => {
    begunAtMs.push(nowMs);
    if (number === 2) stopping.abort();
    return await Promise.resolve(number === 1 ? undefined : number);
  };
  const seen: number[] = [];
  for await (const number of mapInOrder(numbers(9), work, { atOnce: 1, perSecond: 2, clock, signal: stopping.signal })) seen.push(number);
  expect(begunAtMs).toEqual([0, 510, 1_020]);
  expect(seen).toEqual([0, 2]);
});
