import { describe, expect, it } from 'vitest';
import { type Cost, measureCosts } from '../../bench/cost/measure.ts';
import { costFigures } from '../../scripts/docs/cost.ts';

/** Ids, times and offsets are not always equally long; the server counts its own bytes beside ours. */
const BYTES_MAY_DIFFER_BY = 0.01;

describe('what one verification costs on Temporal', () => {
  it('is what the documents say, by the counters of the server', { timeout: 300_000 }, async () => {
    const counted = await measureCosts({ times: 2 });
    const promised = costFigures();
    expect(counted.map(exactly)).toEqual(promised.map(exactly));
    for (const [index, { bytes, visibilityWrites, kind }] of counted.entries()) {
      const limit = promised[index];
      expect([kind, Math.abs(bytes / (limit?.bytes ?? 0) - 1) < BYTES_MAY_DIFFER_BY]).toEqual([kind, true]);
      // The server sometimes writes the upsert of a run's last task together with its end.
      expect(visibilityWrites).toBeLessThanOrEqual(Math.ceil(limit?.visibilityWrites ?? 0));
    }
  });

  it('stays within the limits that were set', () => {
    const costs = new Map(costFigures().map((cost) => [cost.kind, cost]));
    const of = (kind: string): Cost => {
      const cost = costs.get(kind);
      if (cost === undefined) throw new Error(`nobody has counted "${kind}"`);
      return cost;
    };
    const atOnce = of('one read, at once');
    expect(atOnce).toMatchObject({ historyWrites: 5, events: 13 });
    expect(atOnce.visibilityWrites).toBeLessThanOrEqual(3);
    expect(atOnce.bytes).toBeLessThanOrEqual(6_500);
    expect(of('one read, after a wait').historyWrites).toBeLessThanOrEqual(8);
    expect(of('two reads').historyWrites - atOnce.historyWrites).toBeLessThanOrEqual(6);
    expect(of('three reads').historyWrites - of('two reads').historyWrites).toBeLessThanOrEqual(6);
    // As dear as before the task that decides published by itself.
    expect([of('reset once it is over').historyWrites, of('replayed once it is over').historyWrites]).toEqual([9, 10]);
  });
});

function exactly({ kind, historyWrites, requests, events, actions, promises }: Cost) {
  return { kind, historyWrites, requests, events, actions, promises };
}
