import { describe, expect, it } from 'vitest';
import { canaryResult, NOTHING_MET, stopSignOf, type StopSettings, tallied, type Tally } from '../../src/domain/gate/stop-signs.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import * as s from './samples.ts';

const { MINUTE, HOUR } = s;
const SETTINGS: StopSettings = { dataSourceErrors: 2, windowMs: MINUTE, refusals: 3 };
const SOURCE = s.answer({ status: 'FAILED', verifyError: 'DATA_SOURCE_ERROR' });
const KEY = s.vendorError('AUTHENTICATION_ERROR', 401);

function reasonAfter(met: readonly (readonly [number, ReadReport])[], settings: StopSettings = SETTINGS): string | undefined {
  let tally: Tally = NOTHING_MET;
  let last: string | undefined;
  for (const [atMs, report] of met) {
    const counted = tallied(tally, { report, atMs, settings });
    tally = counted.tally;
    last = counted.reason;
  }
  return last;
}

describe('what the vendor says to stop for', () => {
  it.each<[string, ReadReport, string | undefined]>([
    ['in the answer', SOURCE, 'DATA_SOURCE_ERROR'],
    ['at the top', s.vendorError('DATA_SOURCE_ERROR', 400), 'DATA_SOURCE_ERROR'],
    ['a refused key', KEY, 'AUTHENTICATION_ERROR'],
    ['a key that is over its limit', s.vendorError('AUTHORIZATION_ERROR', 403), 'AUTHORIZATION_ERROR'],
    ['a refusal that is not believed', s.vendorError('AUTHENTICATION_ERROR', 200), undefined],
    ['too many at once', s.vendorError('CONCURRENCY_LIMIT_EXCEEDED', 403), undefined],
    ['a token that is not known', s.vendorError('RESULT_NOT_FOUND', 404), undefined],
    ['an answer', s.answer(), undefined],
    ['no answer', s.uncertain(), undefined],
    ['nothing sent', s.unsent(), undefined],
  ])('%s', (_name, report, sign) => expect(stopSignOf(report)).toBe(sign));

  it.each<[string, (readonly [number, ReadReport])[], string | undefined]>([
    ['one of two errors', [[0, SOURCE]], undefined],
    [
      'two within the window',
      [
        [0, SOURCE],
        [MINUTE - 1, SOURCE],
      ],
      'the vendor answered DATA_SOURCE_ERROR 2 times',
    ],
    [
      'two farther apart',
      [
        [0, SOURCE],
        [MINUTE, SOURCE],
      ],
      undefined,
    ],
    [
      'two beside good answers',
      [
        [0, SOURCE],
        [1, s.answer()],
        [2, SOURCE],
      ],
      'the vendor answered DATA_SOURCE_ERROR 2 times',
    ],
    [
      'three refusals in a row',
      [
        [0, KEY],
        [1, KEY],
        [HOUR, KEY],
      ],
      'the vendor answered AUTHENTICATION_ERROR 3 times',
    ],
    [
      'refusals with an answer between',
      [
        [0, KEY],
        [1, KEY],
        [2, s.answer()],
        [3, KEY],
      ],
      undefined,
    ],
    [
      'refusals with a time-out between',
      [
        [0, KEY],
        [1, KEY],
        [2, s.uncertain()],
        [3, KEY],
      ],
      'the vendor answered AUTHENTICATION_ERROR 3 times',
    ],
  ])('%s', (_name, met, reason) => expect(reasonAfter(met)).toBe(reason));

  it('holds at the first data-source error by default, and never if so configured', () => {
    expect(reasonAfter([[0, SOURCE]], { ...SETTINGS, dataSourceErrors: 1 })).toBe('the vendor answered DATA_SOURCE_ERROR');
    const never = { dataSourceErrors: 0, windowMs: MINUTE, refusals: 0 };
    expect(
      reasonAfter(
        Array.from({ length: 50 }, (_, index) => [index, index % 2 === 0 ? SOURCE : KEY] as const),
        never,
      ),
    ).toBeUndefined();
  });

  it('a canary is well if the vendor answers anything else, also that the session is not over', () => {
    expect([s.pending(), s.answer(), s.vendorError('RESULT_NOT_FOUND'), s.MALFORMED].map(canaryResult)).toEqual([
      'WELL',
      'WELL',
      'WELL',
      'WELL',
    ]);
    expect([SOURCE, KEY].map(canaryResult)).toEqual(['STOP', 'STOP']);
    expect([s.uncertain(), s.unsent(), s.withheld('LEDGER_UNKNOWN')].map(canaryResult)).toEqual(['NO_ANSWER', 'NO_ANSWER', 'NO_ANSWER']);
  });
});
