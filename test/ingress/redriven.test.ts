import { describe, expect, it } from 'vitest';
import { classify } from '../../src/ingress/classify.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { batchOf, headersOf, HINTS, NOW, POLICY, recordOf, RETENTION_MS } from './support/records.ts';
import { rig } from './support/rig.ts';

const token = 'tok-3f9a8b7c6d5e4f3a2b1c';
const HOUR_MS = 3_600_000;

const seen = (record: InboundRecord, nowMs = NOW) =>
  classify(record, { hintTopic: HINTS, trustHints: false, retentionMs: RETENTION_MS, policyFor: () => POLICY, nowMs });

describe('a record that was sent again', () => {
  it.each([
    ['is as old as it says', NOW - HOUR_MS, NOW - HOUR_MS],
    ['is never newer than its record', NOW + HOUR_MS, NOW - 1000],
    ['with a header that is no number is as old as its record', 'yesterday', NOW - 1000],
  ])('%s', (_what, said, issuedAtMs) => {
    const headers = headersOf({ 'vf-redrive-timestamp': String(said) });
    expect(seen(recordOf({ token }, { headers }))).toMatchObject({ kind: 'START', issuedAtMs });
    expect(seen(recordOf({ token }, { headers, isAppendTime: true }))).toMatchObject({ kind: 'START', issuedAtMs });
  });

  it('with no usable time stays wrong', () => {
    expect(seen(recordOf({ token }, { headers: headersOf({ 'vf-redrive-timestamp': '0' }) }))).toMatchObject({ reason: 'INVALID_REQUEST' });
  });

  it('is put aside again with its first time', async () => {
    const { ingress, letters } = rig();
    const headers = headersOf({ 'vf-redrive-timestamp': String(NOW - HOUR_MS), 'vf-redrive-count': '1' });
    await ingress.onBatch(batchOf([recordOf(Buffer.from('not json'), { headers })]));
    expect(letters[0]?.headers.get('vf-dlq-timestamp')?.toString()).toBe(String(NOW - HOUR_MS));
    expect(letters[0]?.headers.get('vf-redrive-count')?.toString()).toBe('1');
  });
});

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
