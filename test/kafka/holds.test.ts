import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/kafka/events.ts';
import { createHolds, describeHold } from '../../src/kafka/holds.ts';

const PLACE = { topic: 't', partition: 3 };
const OPEN = { why: 'OPEN_TRANSACTION', offset: 7n, detail: 'a transaction is open' } as const;
const BROKEN = { why: 'UNREADABLE', offset: 7n, detail: 'a batch cannot be read' } as const;

function setUp() {
  const told: string[] = [];
  const clock = { now: Date.parse('2026-01-02T03:04:05Z') };
  const tell = (what: string) => (hold: Hold) => void told.push(`${what} ${hold.why} at ${hold.offset}`);
  const holds = createHolds({ held: tell('held'), released: tell('released') }, () => clock.now);
  return { told, holds, clock };
}

describe('a partition that stands still', () => {
  it('because of an open transaction is told once, after ten seconds, with the time at which it began', () => {
    const { told, holds, clock } = setUp();
    for (let second = 0; second < 30; second += 1) {
      holds.meet(PLACE, OPEN);
      expect(told).toEqual(second < 10 ? [] : ['held OPEN_TRANSACTION at 7']);
      clock.now += 1000;
    }
    expect(holds.list().map(describeHold)).toEqual(['t partition 3 at offset 7 since 2026-01-02T03:04:05.000Z: a transaction is open']);
  });

  it('because it cannot be read is told at once', () => {
    const { told, holds } = setUp();
    holds.meet(PLACE, BROKEN);
    holds.meet(PLACE, BROKEN);
    expect(told).toEqual(['held UNREADABLE at 7']);
  });

  it('is begun anew when it stands at another offset or for another reason: transactions that follow each other hold nothing', () => {
    const { told, holds, clock } = setUp();
    for (let offset = 0n; offset < 60n; offset += 1n) {
      holds.meet(PLACE, { ...OPEN, offset });
      clock.now += 1000;
    }
    expect(told).toEqual([]);
    holds.meet(PLACE, BROKEN);
    holds.meet(PLACE, OPEN);
    expect(told).toEqual(['held UNREADABLE at 7', 'released UNREADABLE at 7']);
  });

  it('is released when it moves or is no longer ours; the end of a transaction releases no other hold', () => {
    const { told, holds } = setUp();
    holds.meet(PLACE, BROKEN);
    holds.release(PLACE, 'OPEN_TRANSACTION');
    expect(holds.list()).toHaveLength(1);
    holds.release(PLACE);
    holds.release(PLACE);
    holds.meet(PLACE, BROKEN);
    holds.keep(({ partition }) => partition !== 3);
    expect([told.filter((one) => one.startsWith('released')).length, holds.list()]).toEqual([2, []]);
  });
});
