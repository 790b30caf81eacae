import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MAX_VENDOR_TIMEOUT_MS, RATE_LIMIT_MAX_WAIT_MS } from '../../src/config/timeouts.ts';

it('the longest read that settings allow ends well before the workflow gives its worker up', () => {
  const source = readFileSync(new URL('../../workflows/read.ts', import.meta.url), 'utf8');
  const startToCloseMs = Number(/START_TO_CLOSE_MS = ([\d_]+);/.exec(source)?.[1]?.replaceAll('_', ''));
  expect(RATE_LIMIT_MAX_WAIT_MS + MAX_VENDOR_TIMEOUT_MS).toBeLessThanOrEqual(startToCloseMs - 5_000);
});
