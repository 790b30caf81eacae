import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['20s', 20_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['0s', 0],
  ])('%s is %d ms', (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(['', '5', 's', '1.5h', '-1s', '1d', '1 s', '1S', '999999999999h'])('"%s" is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it('what is written is read back', () => {
    fc.assert(fc.property(fc.nat({ max: 1_000_000_000 }), (value) => parseDuration(formatDuration(value)) === value));
  });
});
