import { expect, it } from 'vitest';
import type { UnreadableOrder } from '../../src/contracts/unreadable.ts';
import { registered } from '../../workers/serve-worker.ts';
import { spyEvents } from '../support/spy-events.ts';

const UNREADABLE: UnreadableOrder = { kind: 'UNREADABLE', why: 'a payload is encrypted with key "p1"' };

it('an order that a worker cannot decrypt is refused by name, before anything that tells of orders looks into it', async () => {
  const made: string[] = [];
  const make = (name: string) => async () => {
    made.push(name);
    return await Promise.reject(new Error('made'));
  };
  const activities = registered(
    { getResult: make('getResult'), emitOutcome: make('emitOutcome') },
    { gate: { limitReads: make('limitReads'), announceGate: make('announceGate') }, events: spyEvents() },
  );
  const order = JSON.parse(JSON.stringify(UNREADABLE));
  for (const run of [activities.emitOutcome, activities.limitReads, activities.announceGate])
    await expect(run(order)).rejects.toThrow(UNREADABLE.why);
  expect(made).toEqual([]);
});
