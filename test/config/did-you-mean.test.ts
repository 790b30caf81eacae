import { expect, it } from 'vitest';
import { didYouMean } from '../../src/config/did-you-mean.ts';

const KNOWN = ['VF_MAX_CALLS', 'VF_WINDOW', 'VF_KAFKA_BROKERS'];

it.each([
  ['VF_MAX_CALL', 'VF_MAX_CALLS'],
  ['VF_KAFKA_BOOTSTRAP', 'VF_KAFKA_BROKERS'],
  ['VF_WINDWO', 'VF_WINDOW'],
  ['VF_SOMETHING_QUITE_DIFFERENT', undefined],
])('%s → %s', (word, expected) => expect(didYouMean(word, KNOWN)).toBe(expected));
