import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  DependencyUnavailableError,
  exitCodeOf,
  messageOf,
  QueryRefusedError,
  RecordRefusedError,
} from '../../src/contracts/errors.ts';
import { UsageError } from '../../src/operator/errors.ts';

describe('the last words of a process', () => {
  it.each([
    ['a foreseen error in its own words', new UsageError('--rate: write a number'), 64, '--rate: write a number'],
    [
      'a defect as one, without its stack',
      new TypeError('x is not a function\n    at y'),
      70,
      'internal error (TypeError: x is not a function); this is a defect of verdictflow',
    ],
    [
      'a thread of workflows that was starved as that, not as a defect',
      new Error('workflow code has run for 60 s without an end: an endless loop, or no processor time for its thread'),
      70,
      'Error: workflow code has run for 60 s without an end: an endless loop, or no processor time for its thread; ' +
        'give it CPU and start it again, nothing is lost',
    ],
  ])('tell %s', (_what, error, code, words) => {
    expect(exitCodeOf(error)).toBe(code);
    expect(messageOf(error)).toBe(words);
  });

  it.each([
    [new ConfigurationError(['VF_X: wrong']), 78],
    [new DependencyUnavailableError('kafka', 'no answer'), 69],
    [new RecordRefusedError('topic "t" refuses the record'), 1],
    [new QueryRefusedError('--query: no such column'), 64],
  ])('foresee %s', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
    expect(messageOf(error)).toBe(error.message);
  });
});
