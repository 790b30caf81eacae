import { describe, expect, it } from 'vitest';
import { classify } from '../../src/ingress/classify.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { headersOf, HINTS, NOW, POLICY, recordOf, RETENTION_MS } from './support/records.ts';

const token = 'tok-3f9a8b7c6d5e4f3a2b1c';
const HOUR_MS = 3_600_000;

const seen = (record: InboundRecord, nowMs = NOW) =>
  classify(record, { hintTopic: HINTS, trustHints: false, retentionMs: RETENTION_MS, policyFor: () => POLICY, nowMs });

describe('a record older than the dedupe horizon', () => {
  const old = (sentAtMs: number | string) =>
    recordOf(
      { token },
      { timestampMs: NOW - RETENTION_MS - HOUR_MS, headers: headersOf({ 'vf-redrive-beyond-horizon-at': String(sentAtMs) }) },
    );

  it.each([
    ['passes right after an operator sent it', NOW, 'START'],
    ['passes as long as what it started is remembered', NOW - RETENTION_MS + HOUR_MS, 'START'],
    ['does not pass later: it would start a third time', NOW - RETENTION_MS, 'CLOCK_DOUBT'],
    ['does not pass by an order from the future', NOW + HOUR_MS, 'CLOCK_DOUBT'],
    ['does not pass by a word', 'true', 'CLOCK_DOUBT'],
  ])('%s', (_what, sentAtMs, kind) => {
    expect(seen(old(sentAtMs))).toMatchObject({ kind });
  });
});
