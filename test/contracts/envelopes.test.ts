import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../scripts/docs/documents.ts';
import { openEnvelope } from '../../src/contracts/wire/cloud-events.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { MAX_VALUE_BYTES, valueJson } from '../../src/contracts/wire/value-json.ts';
import { type Classification, classify } from '../../src/ingress/classify.ts';
import { batchOf, HINTS, NOW, POLICY, recordOf, REQUESTS, RETENTION_MS } from '../ingress/support/records.ts';
import { rig } from '../ingress/support/rig.ts';
import { amqp, ENVELOPES, json, PREFIXED, REFUSED, type Wrapped, wrapped } from '../support/envelopes.ts';
import { tableRows } from '../support/markdown.ts';

const TOKEN = 'tok-3f9a8b7c6d5e4f3a2b1c';
const REQUEST = { token: TOKEN, issuedAt: '2026-01-15T11:59:00Z', bizNo: 'Grüße {"a":1}', attributes: { tenant: 'example' } };
const HINT = { token: TOKEN, kind: 'SESSION_ENDED' };
const SETTINGS = { hintTopic: HINTS, trustHints: false, retentionMs: RETENTION_MS, policyFor: () => POLICY, nowMs: NOW };

function seen({ value, headers }: Wrapped, topic = REQUESTS): Classification {
  return classify(recordOf(value, { headers, topic }), SETTINGS);
}

/** What was asked for, without what tells one event from another. */
function asked(record: Wrapped, topic?: string): Classification {
  const found = seen(record, topic);
  if (found.kind !== 'START') return found;
  const { eventId: _id, traceparent: _trace, ...facts } = found;
  return facts;
}

async function orderOf(record: Wrapped) {
  const { ingress, orders, letters } = rig();
  await ingress.onBatch(batchOf([recordOf(record.value, { headers: record.headers })]));
  expect(letters).toEqual([]);
  return orders.map(({ input: { source, ...input }, ...order }) => ({ ...order, input, source: { ...source, eventId: undefined } }));
}

describe('the envelopes of docs/messages.md', () => {
  const rows = tableRows(readDocument('docs/messages.md'), 'Envelopes').map(([name = '']) => name);

  it('are those that are tried here', () => {
    expect(rows).toEqual([...Object.keys(ENVELOPES), ...Object.keys(REFUSED)]);
  });

  it.each(Object.entries(ENVELOPES))('%s: the same verification and the same order as plain JSON', async (_name, wrap) => {
    const plain = await orderOf(wrapped(REQUEST));
    expect(plain).toHaveLength(1);
    for (const record of wrap(REQUEST)) {
      expect(asked(record)).toMatchObject({ kind: 'START', verificationId: verificationIdOf(TOKEN), request: REQUEST });
      expect(await orderOf(record)).toEqual(plain);
    }
  });

  it.each(Object.entries(ENVELOPES))('%s: the same hint as plain JSON', (_name, wrap) => {
    for (const record of wrap(HINT)) expect(asked(record, HINTS)).toEqual(asked(wrapped(HINT), HINTS));
    expect(asked(wrapped(HINT), HINTS).kind).toBe('HINT');
  });

  it.each(Object.entries(REFUSED))('%s: dead letter that names what it is, and quotes nothing of it', (_name, wrap) => {
    for (const [topic, data] of [[REQUESTS, REQUEST] as const, [HINTS, HINT] as const]) {
      for (const { record, reason, names } of wrap(data)) {
        const found = seen(record, topic);
        if (found.kind !== 'DEAD_LETTER') throw new Error(`is taken for ${found.kind}`);
        expect(found.reason).toMatch(reason);
        expect(found.message).toMatch(names);
        expect(found.message).not.toContain('tok-3f9');
      }
    }
  });

  it('keeps the bytes of what it refuses in the dead letter', async () => {
    for (const { record } of Object.values(REFUSED).flatMap((wrap) => wrap(REQUEST))) {
      const { ingress, letters } = rig();
      await ingress.onBatch(batchOf([recordOf(record.value, { headers: record.headers })]));
      expect(letters[0]?.value?.equals(record.value)).toBe(true);
      for (const [name, values] of record.headers) expect(letters[0]?.headers.get(name)).toEqual(values);
    }
  });
});

describe("bytes of the registries' own serializers", () => {
  it.each([
    ['JSONSerializer of confluent-kafka 2.16.1', '00000186ca7b22746f6b656e223a22746f6b2d3366396138623763366435653466336132623163227d'],
    [
      'aws-glue-schema-registry 1.1.3',
      '030089791762233641869674299b90a802e27b22746f6b656e223a22746f6b2d3366396138623763366435653466336132623163227d',
    ],
    [
      'aws-glue-schema-registry 1.1.3 with compression',
      '030589791762233641869674299b90a802e2789cab562ac9cf4ecd53b202d1bac66996891649e6c96629a6a92669c689464986c94ab500d7580b48',
    ],
  ])('%s: are read', (_what, digits) => {
    expect(valueJson(Buffer.from(digits, 'hex'))).toEqual({ ok: true, value: { token: TOKEN } });
  });
});

describe('an envelope that could be two things', () => {
  it('is plain JSON if it names its own token, whatever else it holds', () => {
    const plain = { token: TOKEN, specversion: '1.0', data: { token: 'another' } };
    expect(asked(wrapped(plain))).toMatchObject({ verificationId: verificationIdOf(TOKEN) });
    expect(asked(wrapped({ token: TOKEN, schema: {}, payload: { token: 'another' } }))).toMatchObject({
      verificationId: verificationIdOf(TOKEN),
    });
  });

  it('never lets two tokens share an identity: lone surrogates within a text are refused, not replaced', () => {
    for (const text of ['{"token":"tok-\ud800"}', '{"token":"tok-\\ud800"}'])
      expect(seen(wrapped(text))).toMatchObject({ kind: 'DEAD_LETTER', reason: 'INVALID_REQUEST' });
  });

  it('of an id in binary headers and one within the event, the one within counts', () => {
    const event = { specversion: '1.0', id: 'inner', data: REQUEST };
    expect(seen(wrapped(event, { ce_specversion: '1.0', ce_id: 'outer' }))).toMatchObject({ eventId: 'inner' });
  });

  it('inflates a value up to the limit and not a byte beyond', () => {
    const full = (bytes: number): Buffer =>
      Buffer.concat([Buffer.from([3, 5]), Buffer.alloc(16), deflateSync(Buffer.from(`{}${' '.repeat(bytes - 2)}`))]);
    expect(valueJson(full(MAX_VALUE_BYTES))).toEqual({ ok: true, value: {} });
    expect(valueJson(full(MAX_VALUE_BYTES + 1))).toMatchObject({ ok: false, reason: 'TOO_LARGE' });
  });
});

describe('any envelope', () => {
  const requests = fc.record(
    {
      token: fc.stringMatching(/^[!-~äπ😀]{20,60}$/u),
      bizNo: fc.constantFrom('order-1', '{"token":"x"}', 'eyJ0b2tlbiI6IngifQ=='),
      issuedAt: fc.constant('2026-01-15T11:59:00Z'),
      attributes: fc.dictionary(fc.constantFrom('payload', 'data', 'specversion', 'schema'), fc.constantFrom('', '1.0', '{}')),
      specversion: fc.constantFrom('1.0', '2'),
    },
    { requiredKeys: ['token'] },
  );
  const texts = fc.constantFrom('AS_IS', 'TEXT', 'BASE64');
  const nasty = fc.oneof(fc.nat(255), fc.constantFrom(0, 0x20, 0x22, 0x3a, 0x7b, 0x7d));
  const plans = fc.record({
    inner: texts,
    event: fc.constantFrom('NONE', 'DATA', 'BASE64', 'BINARY', 'AMQP'),
    middle: texts,
    connect: fc.boolean(),
    outer: texts,
    prefix: fc.option(fc.constantFrom(...Object.values(PREFIXED)), { nil: undefined }),
    id: fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.array(nasty, { minLength: 16, maxLength: 16 })),
    contentType: fc.boolean(),
  });
  type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

  const as = (form: string, value: unknown): unknown => {
    if (form === 'AS_IS') return value;
    return form === 'TEXT' ? JSON.stringify(value) : json(value).toString('base64');
  };

  function put(request: unknown, plan: Plan): Wrapped {
    const about = { specversion: '1.0', id: 'evt-1', source: '/s', type: 't' };
    const isStructured = plan.event === 'DATA' || plan.event === 'BASE64';
    const data = isStructured || plan.connect ? request : as(plan.middle, request);
    const encodedData = plan.event === 'DATA' ? { data: as(plan.inner, request) } : { data_base64: json(request).toString('base64') };
    const event = isStructured ? { ...about, ...encodedData } : data;
    const body = plan.connect ? { schema: { type: 'struct' }, payload: as(plan.middle, event) } : event;
    const isText = typeof body === 'string' || plan.outer !== 'AS_IS';
    const value = json(typeof body === 'string' ? body : as(plan.outer, body));
    const id = Uint8Array.from(plan.id);
    const bytes = plan.prefix !== undefined && !isText ? plan.prefix.put(id.subarray(0, plan.prefix.idBytes), value) : value;
    const binary = plan.event === 'BINARY' ? { ce_specversion: '1.0', ce_id: 'evt-1' } : {};
    const encoded = plan.event === 'AMQP' ? { 'cloudEvents:specversion': amqp('1.0'), 'cloudEvents:id': amqp('evt-1') } : {};
    const type = isStructured && plan.contentType ? { 'Content-Type': 'application/cloudevents+json; charset=utf-8' } : {};
    return wrapped(bytes, { ...binary, ...encoded, ...type });
  }

  it('around a good request gives the same verification and the same order as plain JSON', () => {
    fc.assert(
      fc.property(requests, plans, (request, plan) => {
        const plain = asked(wrapped(request));
        expect(plain).toMatchObject({ kind: 'START', verificationId: verificationIdOf(request.token) });
        expect(asked(put(request, plan))).toEqual(plain);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that is cut off anywhere is no request', () => {
    fc.assert(
      fc.property(requests, plans, fc.double({ min: 0, max: 0.999, noNaN: true }), (request, plan, share) => {
        const { value, headers } = put(request, plan);
        const cut = value.subarray(0, Math.floor(value.length * share));
        expect(seen({ value: cut, headers }).kind).toBe('DEAD_LETTER');
      }),
      { numRuns: 1_000 },
    );
  });

  it('around garbage never throws and never starts anything', () => {
    const names = fc.constantFrom('content-type', 'contentType', 'ce_specversion', 'cloudEvents:specversion', 'ce_id', 'traceparent');
    const bytes = fc.uint8Array({ maxLength: 80 }).map((one) => Buffer.from(one));
    const headers = fc.array(fc.tuple(names, fc.array(bytes, { maxLength: 3 })), { maxLength: 6 }).map((entries) => new Map(entries));
    const beginnings = fc
      .constantFrom('', '00', '01', '0300', '0305789c', '00000000', '1f8b', '22', '7b2264617461223a')
      .map((digits) => Buffer.from(digits, 'hex'));
    fc.assert(
      fc.property(beginnings, bytes, headers, fc.constantFrom(REQUESTS, HINTS), (beginning, rest, about, topic) => {
        expect(seen({ value: Buffer.concat([beginning, rest]), headers: about }, topic).kind).toBe('DEAD_LETTER');
      }),
      { numRuns: 5_000 },
    );
  });

  it('is never seen in ordinary JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(valueJson(Buffer.from(text))).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const value = { ...fields, token: 'own' };
        const opened = openEnvelope(json(value), new Map());
        expect(opened).toEqual({ ok: true, value: { data: JSON.parse(JSON.stringify(value)) } });
      }),
    );
  });
});
