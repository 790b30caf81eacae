import { describe, expect, it } from 'vitest';
import { clockText } from '../../src/contracts/text/clock.ts';

const NOW = Date.parse('2026-01-31T23:50:00Z');

describe('clockText', () => {
  it.each([
    ['2026-01-31T14:05:59Z', '14:05 UTC'],
    ['2026-01-31T00:00:00Z', '00:00 UTC'],
    ['2026-02-01T00:10:00Z', '1 Feb 00:10 UTC'],
    ['2026-12-09T13:05:00Z', '9 Dec 13:05 UTC'],
  ])('writes %s as %s', (instant, text) => {
    expect(clockText(Date.parse(instant), NOW)).toBe(text);
  });
});
