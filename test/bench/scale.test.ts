import { describe, expect, it } from 'vitest';
import { rolesOf, sumOf } from '../../bench/scale/crew.ts';
import { numbersIn } from '../../bench/scale/stage.ts';

describe('the processes of an experiment', () => {
  it('are one, or workers before ingresses', () => {
    expect(rolesOf('all')).toEqual(['all']);
    expect(rolesOf('2x1')).toEqual(['worker', 'worker', 'ingress']);
  });

  it.each(['', '2', 'x1', '0x1', '10x1', '2x', '2x1x1', 'worker'])('are not %j', (text) => {
    expect(() => rolesOf(text)).toThrow(RangeError);
  });
});

describe('the numbers of a case', () => {
  it('are as many as it takes', () => {
    expect(numbersIn('10000', { least: 1, most: 2 })).toEqual([10_000]);
    expect(numbersIn('10000:40:60', { least: 2, most: 3 })).toEqual([10_000, 40, 60]);
  });

  it.each(['', '10k:40', '10000', '0:40', '-1:40', '1:2:3:4', '1.5:40', '1::2'])('are not %j, which would measure nothing', (text) => {
    expect(() => numbersIn(text, { least: 2, most: 3 })).toThrow(RangeError);
  });
});

describe('samples of a metric', () => {
  it('are summed over those that are wanted, help and type aside', () => {
    const text = '# HELP a_total All.\n# TYPE a_total counter\na_total{x="1"} 2\na_total{x="2"} 3\nb_total 7\n';
    expect(sumOf(text, (line) => line.startsWith('a_total'))).toBe(5);
  });
});
