import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isEmitted, isReadReport, isRecovered } from '../../src/contracts/recorded.ts';
import { answer, classify } from '../faceid/support/answers.ts';
import { anyReport } from '../properties/generators.ts';

it('takes every report that our own workers make', () => {
  fc.assert(fc.property(anyReport, (report) => isReadReport(JSON.parse(JSON.stringify(report)))));
  for (const [status, body] of [
    [200, answer()],
    [200, '<html>'],
    [400, { error: 'RESULT_NOT_FOUND' }],
    [502, 'x'],
    [200, { status: 'NEW' }],
  ] as const)
    expect(isReadReport(classify(status, body))).toBe(true);
});

it('takes nothing for an answer that lacks what the rules look at, and never throws', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect([isReadReport(value), isRecovered(value), isEmitted(value)]).toEqual([false, false, false]);
    }),
  );
});
