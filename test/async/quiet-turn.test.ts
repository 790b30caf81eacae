import { expect, test } from 'vitest';
import { afterQuietTurn } from '../../src/async/quiet-turn.ts';

/** In how many turns it is called, the first `busy` of which take long. */
async function turnsUntilCalled(busy: number): Promise<number> {
  let turns = 0;
  let isCalled = false;
  // First in each turn, so that it stands between the look at the sockets and what comes after that.
  const stand = (): void => {
    if (isCalled) return;
    setImmediate(stand);
    turns += 1;
    if (turns <= busy) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8);
  };
  setImmediate(stand);
  await new Promise<void>((resolve) => afterQuietTurn(resolve));
  isCalled = true;
  return turns;
}

test('it waits for a turn that was short, as many as pass before', async () => {
  expect(await turnsUntilCalled(1)).toBeGreaterThan(1);
  expect(await turnsUntilCalled(4)).toBeGreaterThan(4);
});

test('in a process that is never quiet it goes on after eleven turns', async () => {
  expect(await turnsUntilCalled(1_000)).toBe(11);
});
