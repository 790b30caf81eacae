import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWatermark } from '../../src/ingress/batch.ts';
import { recordOf } from './support/records.ts';

describe('createWatermark', () => {
  it('never passes a record that is not done, whatever the order and the gaps', () => {
    const offsets = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1 });
    fc.assert(
      fc.property(
        offsets.chain((list) => fc.tuple(fc.constant(list.toSorted((a, b) => a - b)), fc.shuffledSubarray(list))),
        ([sorted, order]) => {
          const records = sorted.map((offset) => recordOf(null, { offset: BigInt(offset) }));
          const watermark = createWatermark(records, 1000n);
          const open = new Set(sorted);
          for (const offset of order) {
            watermark.done(recordOf(null, { offset: BigInt(offset) }));
            open.delete(offset);
            expect(watermark.next()).toBe(open.size === 0 ? 1000n : BigInt(Math.min(...open)));
          }
        },
      ),
    );
  });

  it('of an empty batch is its end', () => {
    expect(createWatermark([], 7n).next()).toBe(7n);
  });
});
