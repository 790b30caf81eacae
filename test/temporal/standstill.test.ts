import { expect, it } from 'vitest';
import { watchStandstill } from '../../src/temporal/gate/standstill.ts';
import { until } from '../support/until.ts';

it('a process that stood still is sure of nothing until it has asked anew, however often that fails', async () => {
  const clock = { skippedMs: 0 };
  const stopping = new AbortController();
  let asked = 0;
  let answer: (() => void) | undefined;
  const isSure = watchStandstill({
    ask: async () => {
      asked += 1;
      if (asked < 3) throw new Error('away');
      await new Promise<void>((resolve) => (answer = resolve));
    },
    stopping: stopping.signal,
    now: () => Date.now() + clock.skippedMs,
  });
  expect(isSure()).toBe(true);
  clock.skippedMs += 5_000;
  // At once, before any timer has had its turn.
  expect(isSure()).toBe(false);
  await until(() => answer !== undefined, { timeoutMs: 5_000, what: 'it asks again and again' });
  expect(isSure()).toBe(false);
  answer?.();
  await until(() => isSure(), { timeoutMs: 5_000, what: 'it is sure' });
  expect(asked).toBe(3);
  stopping.abort();
});
