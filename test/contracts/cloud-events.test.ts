import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEnvelope } from '../../src/contracts/wire/cloud-events.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function bytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function headers(entries: Record<string, string>): Map<string, Buffer[]> {
  return new Map(Object.entries(entries).map(([name, text]) => [name, [Buffer.from(text)]]));
}

describe('openEnvelope', () => {
  it('takes plain JSON as it is', () => {
    expect(openEnvelope(bytes({ token: 't' }), headers({ traceparent }))).toEqual({
      ok: true,
      value: { data: { token: 't' }, traceparent },
    });
  });

  it('reads id and trace from CloudEvents binary headers', () => {
    const seen = openEnvelope(
      bytes({ token: 't' }),
      headers({ ce_specversion: '1.0', ce_id: 'evt-1', ce_traceparent: traceparent, 'content-type': 'application/json' }),
    );
    expect(seen).toEqual({ ok: true, value: { data: { token: 't' }, eventId: 'evt-1', traceparent } });
  });

  it.each([
    ['data', { data: { token: 't' } }],
    ['data_base64', { data_base64: bytes({ token: 't' }).toString('base64') }],
  ])('reads a structured event with %s', (_what, data) => {
    const event = { specversion: '1.0', id: 'evt-2', source: '/s', type: 't', traceparent, ...data };
    expect(openEnvelope(bytes(event), headers({ 'content-type': 'application/cloudevents+json; charset=UTF-8' }))).toEqual({
      ok: true,
      value: { data: { token: 't' }, eventId: 'evt-2', traceparent },
    });
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}],
    ['text that is no JSON', Buffer.from('{'), {}],
    ['nothing', Buffer.alloc(0), {}],
    ['another CloudEvents version', bytes({}), { ce_specversion: '0.3' }],
    ['a structured event without data', bytes({ specversion: '1.0' }), { 'content-type': 'application/cloudevents+json' }],
    ['a structured event of another version', bytes({ specversion: '2', data: 1 }), { 'content-type': 'application/cloudevents+json' }],
    ['a structured event that is a list', bytes([]), { 'content-type': 'application/cloudevents+json' }],
    ['a batch of events', bytes([]), { 'content-type': 'application/cloudevents-batch+json' }],
  ])('refuses %s', (_what, value, about) => {
    expect(openEnvelope(value, headers(about))).toMatchObject({ ok: false });
  });

  it('leaves out an id or a trace that is not well formed', () => {
    expect(openEnvelope(bytes(1), headers({ ce_specversion: '1.0', ce_id: 'a\u0000', traceparent: 'zz' }))).toEqual({
      ok: true,
      value: { data: 1 },
    });
  });

  it('is total: any bytes under any headers are opened or refused', () => {
    const anyHeaders = fc.dictionary(fc.constantFrom('content-type', 'ce_specversion', 'ce_id', 'traceparent'), fc.string());
    fc.assert(fc.property(fc.uint8Array(), anyHeaders, (value, about) => typeof openEnvelope(value, headers(about)).ok === 'boolean'));
  });
});
