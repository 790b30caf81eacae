import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MAX_EVIDENCE_TIMEOUT_MS, MAX_VENDOR_TIMEOUT_MS, RATE_LIMIT_MAX_WAIT_MS } from '../../src/config/timeouts.ts';

const source = readFileSync(new URL('../../workflows/read.ts', import.meta.url), 'utf8');

function inWorkflow(name: string): number {
  return Number(new RegExp(`${name} = ([\\d_]+);`).exec(source)?.[1]?.replaceAll('_', ''));
}

it('the longest read that settings allow ends well before the workflow gives its worker up', () => {
  expect(RATE_LIMIT_MAX_WAIT_MS + MAX_VENDOR_TIMEOUT_MS).toBeLessThanOrEqual(inWorkflow('START_TO_CLOSE_MS') - 5_000);
});

it('so does the longest read that keeps images', () => {
  const longestMs = RATE_LIMIT_MAX_WAIT_MS + MAX_VENDOR_TIMEOUT_MS + MAX_EVIDENCE_TIMEOUT_MS;
  expect(longestMs).toBeLessThanOrEqual(inWorkflow('START_TO_CLOSE_MS') + inWorkflow('KEEPING_MS') - 5_000);
});
