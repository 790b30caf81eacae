import { expect, it } from 'vitest';
import { ConfigurationError, DependencyUnavailableError, EvidenceUnreadableError } from '../../src/contracts/errors.ts';
import { nextSweepMs } from '../../workers/sweeper.ts';

const HOUR_MS = 3_600_000;

it.each([
  ['one that went well', undefined, HOUR_MS, HOUR_MS],
  ['one that met a broken key record', new EvidenceUnreadableError('no record'), HOUR_MS, HOUR_MS],
  ['one that a store refused', new ConfigurationError(['no right']), HOUR_MS, 60_000],
  ['one whose store is away', new DependencyUnavailableError('evidence', 'away'), HOUR_MS, 60_000],
  ['one whose store is away, where sweeps are frequent', new DependencyUnavailableError('evidence', 'away'), 1_000, 1_000],
])('after %s the next sweep comes when another attempt may help', (_, failure, sweepEveryMs, afterMs) => {
  expect(nextSweepMs(failure, sweepEveryMs)).toBe(afterMs);
});
