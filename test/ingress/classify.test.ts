import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { defined } from '../../src/domain/defined.ts';
import { type Classification, classify, type HintFacts } from '../../src/ingress/classify.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { iso } from '../support/verification-input.ts';
import { headersOf, HINTS, NOW, POLICY, recordOf, RETENTION_MS } from './support/records.ts';

const token = 'tok-3f9a8b7c6d5e4f3a2b1c';

function seen(record: InboundRecord, { trustHints = false } = {}): Classification {
  return classify(record, {
    hintTopic: HINTS,
    trustHints,
    retentionMs: RETENTION_MS,
    policyFor: (profile) => (profile === 'custom' ? undefined : POLICY),
    nowMs: NOW,
  });
}

function facing(found: Classification): HintFacts {
  if (found.kind !== 'HINT') throw new Error('is no hint');
  return found;
}

describe('classify', () => {
  it("takes the record's timestamp for a missing issuedAt", () => {
    expect(seen(recordOf({ token }))).toEqual({
      kind: 'START',
      verificationId: verificationIdOf(token),
      request: { token },
      issuedAtMs: NOW - 1000,
      policy: POLICY,
    });
  });

  it('ignores a tombstone; it is not invalid JSON', () => {
    expect(seen(recordOf(null))).toEqual({ kind: 'IGNORE', why: 'TOMBSTONE' });
  });

  it.each([
    ['text', recordOf(Buffer.from('not json')), 'NOT_JSON', 'DECODE'],
    ['an empty value', recordOf(Buffer.alloc(0)), 'NOT_JSON', 'DECODE'],
    ['a value of 300 KiB', recordOf({ token, filler: 'x'.repeat(300 * 1024) }), 'TOO_LARGE', 'DECODE'],
    ['an unknown CloudEvents version', recordOf({ token }, { headers: headersOf({ ce_specversion: '9' }) }), 'INVALID_ENVELOPE', 'DECODE'],
    ['a request without token', recordOf({}), 'INVALID_REQUEST', 'VALIDATE'],
    ['a profile that is not configured', recordOf({ token, policy: 'custom' }), 'INVALID_REQUEST', 'VALIDATE'],
    [
      'issuedAt just over 5 min after the broker appended the record',
      recordOf({ token, issuedAt: iso(NOW - 1000 + 300_001) }, { isAppendTime: true }),
      'INVALID_REQUEST',
      'VALIDATE',
    ],
    ['neither issuedAt nor timestamp', recordOf({ token }, { timestampMs: -1 }), 'INVALID_REQUEST', 'VALIDATE'],
    ['a timestamp beyond the calendar', recordOf({ token }, { timestampMs: Number.MAX_SAFE_INTEGER }), 'INVALID_REQUEST', 'VALIDATE'],
    ['no issuedAt, and 0 for a timestamp', recordOf({ token }, { timestampMs: 0 }), 'INVALID_REQUEST', 'VALIDATE'],
    ['no issuedAt, and seconds for a timestamp', recordOf({ token }, { timestampMs: NOW / 1000 }), 'INVALID_REQUEST', 'VALIDATE'],
    ['no issuedAt, and microseconds for a timestamp', recordOf({ token }, { timestampMs: NOW * 1000 }), 'INVALID_REQUEST', 'VALIDATE'],
    ['a hint of nothing', recordOf({ kind: 'SESSION_ENDED' }, { topic: HINTS }), 'INVALID_HINT', 'VALIDATE'],
  ])('dead-letters %s', (_what, record, reason, stage) => {
    expect(seen(record)).toMatchObject({ kind: 'DEAD_LETTER', reason, stage });
  });

  it.each([
    [
      'issuedAt and record just over 5 min ahead of now',
      recordOf({ token, issuedAt: iso(NOW + 300_001) }, { timestampMs: NOW + 300_001 }),
      'INVALID_REQUEST',
      'VALIDATE',
    ],
    ['a timestamp over 5 min ahead of now', recordOf({ token }, { timestampMs: NOW + 300_001 }), 'INVALID_REQUEST', 'VALIDATE'],
    [
      'issuedAt a year ahead without a usable record timestamp',
      recordOf({ token, issuedAt: iso(NOW + 365 * 24 * 3_600_000) }, { timestampMs: -1 }),
      'INVALID_REQUEST',
      'VALIDATE',
    ],
    [
      'issuedAt just older than the retention, a leading clock allowed for',
      recordOf({ token, issuedAt: iso(NOW - RETENTION_MS + 299_999) }),
      'BEYOND_DEDUPE_HORIZON',
      'ADMIT',
    ],
  ])('asks for the clock to be judged before it blames %s', (_what, record, reason, stage) => {
    expect(seen(record)).toMatchObject({ kind: 'CLOCK_DOUBT', verificationId: verificationIdOf(token), fault: { reason, stage } });
  });

  it('never blames a record of the future that the broker dated so', () => {
    const record = recordOf({ token, issuedAt: iso(NOW + 360_000) }, { timestampMs: NOW + 360_000, isAppendTime: true });
    expect(seen(record)).toEqual({
      kind: 'CLOCK_DOUBT',
      verificationId: verificationIdOf(token),
      says: 'by the clock of this process, records are of the future',
    });
  });

  it.each([
    ['issuedAt 5 min after the record', recordOf({ token, issuedAt: iso(NOW - 1000 + 300_000) })],
    ['issuedAt as old as the retention, a leading clock allowed for', recordOf({ token, issuedAt: iso(NOW - RETENTION_MS + 300_000) })],
    ['a verification past its window: it gets its EXPIRED outcome', recordOf({ token, issuedAt: iso(NOW - 48 * 3_600_000) })],
    ['issuedAt and record 5 min ahead of now', recordOf({ token, issuedAt: iso(NOW + 300_000) }, { timestampMs: NOW + 300_000 })],
    [
      'issuedAt 3 h after the record that this one was made from',
      recordOf({ token, issuedAt: iso(NOW) }, { timestampMs: NOW - 10_800_000 }),
    ],
    ['issuedAt beside a timestamp of 0', recordOf({ token, issuedAt: iso(NOW) }, { timestampMs: 0 })],
    ['issuedAt beside a timestamp in seconds', recordOf({ token, issuedAt: iso(NOW) }, { timestampMs: Math.floor(NOW / 1000) })],
    [
      'issuedAt beside an append time in seconds, as a broken proxy may write',
      recordOf({ token, issuedAt: iso(NOW) }, { timestampMs: Math.floor(NOW / 1000), isAppendTime: true }),
    ],
    ['issuedAt without a usable record timestamp', recordOf({ token, issuedAt: iso(NOW) }, { timestampMs: -1 })],
  ])('starts %s', (_what, record) => {
    expect(seen(record).kind).toBe('START');
  });

  it('takes the time of Kafka for the time of a record, and no header of the producer', () => {
    const claimed = headersOf({ 'vf-redrive-timestamp': String(NOW - 7_200_000), timestamp: String(NOW - 7_200_000) });
    expect(seen(recordOf({ token }, { headers: claimed, timestampMs: NOW }))).toMatchObject({ kind: 'START', issuedAtMs: NOW });
  });

  it('leaves an event id out that is the token, and keeps any other', () => {
    const binary = (id: string): InboundRecord => recordOf({ token }, { headers: headersOf({ ce_specversion: '1.0', ce_id: id }) });
    expect(seen(binary(token))).not.toHaveProperty('eventId');
    expect(seen(binary('evt-7'))).toMatchObject({ eventId: 'evt-7' });
  });

  it('leaves a trace out that holds the token, and keeps any other', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const traced = (tracestate: string): InboundRecord => recordOf({ token }, { headers: headersOf({ traceparent, tracestate }) });
    const { tracestate, ...kept } = { tracestate: undefined, ...seen(traced(`shop=${token}`)) };
    expect([kept, tracestate]).toMatchObject([{ kind: 'START', traceparent }, undefined]);
    expect(seen(traced('shop=cart-7'))).toMatchObject({ kind: 'START', traceparent, tracestate: 'shop=cart-7' });
    const byTraceId = seen(recordOf({ token: traceparent.slice(3, 35) }, { headers: headersOf({ traceparent, tracestate: 'a=1' }) }));
    expect(byTraceId.kind).toBe('START');
    expect(JSON.stringify({ ...byTraceId, request: undefined, issuedAtMs: 0 })).not.toContain('traceparent');
  });

  it('finds the verification of a hint by token or by id', () => {
    const verificationId = verificationIdOf(token);
    const recordedAt = iso(NOW - 1000);
    const expected = { kind: 'HINT', verificationId, hint: { kind: 'SESSION_FAILED', trusted: false, recordedAt } };
    expect(seen(recordOf({ token, kind: 'SESSION_FAILED' }, { topic: HINTS }))).toEqual(expected);
    expect(seen(recordOf({ verificationId, kind: 'SESSION_FAILED' }, { topic: HINTS }))).toEqual(expected);
  });

  it.each([
    { says: true, trustHints: false, trusted: false, distrusted: true },
    { says: true, trustHints: true, trusted: true, distrusted: undefined },
    { says: false, trustHints: false, trusted: false, distrusted: undefined },
    { says: undefined, trustHints: true, trusted: false, distrusted: undefined },
  ])(
    'a hint that calls itself trusted ($says), VF_TRUST_HINTS=$trustHints: trusted $trusted',
    ({ says, trustHints, trusted, distrusted }) => {
      const record = recordOf({ token, kind: 'SESSION_ENDED', ...defined({ trusted: says }) }, { topic: HINTS });
      const { hint, ...facts } = facing(seen(record, { trustHints }));
      expect(hint.trusted).toBe(trusted);
      expect(facts.distrusted).toBe(distrusted);
    },
  );

  it('does not date a hint by a record from the future: it would silence every later one of its kind', () => {
    const hint = (timestampMs: number): Classification => seen(recordOf({ token, kind: 'SESSION_ENDED' }, { topic: HINTS, timestampMs }));
    expect(facing(hint(NOW + 300_000)).hint.recordedAt).toBe(iso(NOW + 300_000));
    expect(facing(hint(NOW + 300_001)).hint).toEqual({ kind: 'SESSION_ENDED', trusted: false });
  });

  it('dates a hint by its record; without a usable timestamp not at all', () => {
    const hint = (about: Partial<InboundRecord>): Classification =>
      seen(recordOf({ token, kind: 'SESSION_ENDED' }, { topic: HINTS, ...about }));
    expect(hint({ timestampMs: NOW })).toMatchObject({ hint: { recordedAt: iso(NOW) } });
    for (const timestampMs of [-1, 0, Math.floor(NOW / 1000)])
      expect(hint({ timestampMs })).toMatchObject({ hint: expect.not.objectContaining({ recordedAt: expect.anything() }) });
  });

  it('is total and quotes nothing: no bytes make it throw, no message holds the value', () => {
    const marker = 'SECRETVALUE0123456789';
    const values = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc
        .jsonValue()
        .map((value) => Buffer.from(JSON.stringify({ token: marker, policy: marker, attributes: { [marker]: value }, bizNo: value }))),
    );
    fc.assert(
      fc.property(values, fc.constantFrom('requests', HINTS), fc.double(), (value, topic, timestampMs) => {
        const result = seen({ ...recordOf(null), value, topic, timestampMs });
        return result.kind !== 'DEAD_LETTER' || !result.message.includes(marker);
      }),
    );
  });
});
