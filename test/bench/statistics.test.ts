import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, spread } from '../../bench/report/statistics.ts';

const samples = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 200 });

describe('percentile', () => {
  it.each([
    { list: [7], percent: 50, expected: 7 },
    { list: [4, 1, 3, 2], percent: 50, expected: 2 },
    { list: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], percent: 95, expected: 10 },
    { list: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent: 90, expected: 9 },
    { list: Array.from({ length: 100 }, (_, index) => index + 1), percent: 99, expected: 99 },
    { list: [1, 2, 3], percent: 100, expected: 3 },
  ])('takes the nearest rank: $percent % of $list.length samples', ({ list, percent, expected }) => {
    expect(percentile(list, percent)).toBe(expected);
  });

  it('answers a sample that at least that share does not exceed, and the next smaller sample does not', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const value = percentile(list, percent);
        const share = (limit: (sample: number) => boolean): number => list.filter(limit).length;
        expect(list).toContain(value);
        expect(share((sample) => sample <= value) * 100).toBeGreaterThanOrEqual(percent * list.length);
        expect(share((sample) => sample < value) * 100).toBeLessThan(percent * list.length);
      }),
    );
  });

  it('refuses no samples and shares outside (0, 100]', () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
    expect(() => percentile([1], 0)).toThrow(RangeError);
    expect(() => percentile([1], 101)).toThrow(RangeError);
  });

  it('leaves the list as it was', () => {
    const list = [3, 1, 2];
    percentile(list, 50);
    expect(list).toEqual([3, 1, 2]);
  });
});

describe('spread', () => {
  it('gives the middle one of an odd count and the mean of the middle two of an even count', () => {
    expect(spread([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spread([4, 1, 2, 10])).toEqual({ median: 3, min: 1, max: 10 });
  });

  it('refuses no samples', () => {
    expect(() => spread([])).toThrow(RangeError);
  });
});
