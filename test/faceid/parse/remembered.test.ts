import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { remembered } from '../../../src/faceid/parse/remembered.ts';

describe('a function of names that remembers', () => {
  it('gives what the function gives, whatever was asked before and however much', () => {
    const of = remembered((name) => name.toUpperCase());
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (name) => of(name) === name.toUpperCase()),
      { numRuns: 3_000 },
    );
  });

  it('works a name out once while answers hold the same names', () => {
    const work = vi.fn((name: string) => name.length);
    const of = remembered(work);
    for (let answer = 0; answer < 10; answer += 1) for (const name of ['status', '__proto__', '']) expect(of(name)).toBe(name.length);
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('keeps nothing of what is too long to be a name, and forgets once names are too many', () => {
    const work = vi.fn((name: string) => name.length);
    const of = remembered(work);
    const long = 'x'.repeat(65);
    of(long);
    of(long);
    expect(work).toHaveBeenCalledTimes(2);
    of('status');
    for (let index = 0; index < 512; index += 1) of(`name${index}`);
    of('status');
    expect(work.mock.calls.filter(([name]) => name === 'status')).toHaveLength(2);
  });
});
