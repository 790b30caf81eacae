import { deflateSync } from 'node:zlib';

/** A request or hint as a producer's tools put it on Kafka. */
export type Wrapped = { readonly value: Buffer; readonly headers: Map<string, Buffer[]> };
type Headers = Readonly<Record<string, string | Buffer | readonly Buffer[]>>;

const GUID = Buffer.from('89791762233641869674299b90a802e2', 'hex');
const ABOUT = { id: 'evt-7', source: '/onboarding', type: 'requested' };
const BINARY = { ce_specversion: '1.0', ce_id: 'evt-7', ce_source: '/onboarding', ce_type: 'requested' };

export function wrapped(value: unknown, headers: Headers = {}): Wrapped {
  const entries = Object.entries(headers).map(([name, text]) => [name, [text].flat().map((one) => Buffer.from(one))] as const);
  return { value: Buffer.isBuffer(value) ? value : json(value), headers: new Map(entries) };
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** What registries write before a value, around an id of 4, 8 or 16 bytes. */
export const PREFIXED: Readonly<Record<string, { readonly idBytes: number; put: (id: Uint8Array, value: Uint8Array) => Buffer }>> = {
  Confluent: { idBytes: 4, put: (id, value) => Buffer.concat([Buffer.from([0]), id, value]) },
  Apicurio: { idBytes: 8, put: (id, value) => Buffer.concat([Buffer.from([0]), id, value]) },
  'Confluent, by GUID': { idBytes: 16, put: (id, value) => Buffer.concat([Buffer.from([1]), id, value]) },
  'AWS Glue': { idBytes: 16, put: (id, value) => Buffer.concat([Buffer.from([3, 0]), id, value]) },
  'AWS Glue, zlib': { idBytes: 16, put: (id, value) => Buffer.concat([Buffer.from([3, 5]), id, deflateSync(value)]) },
};

/** An AMQP string with a length of one byte. */
export function amqp(text: string): Buffer {
  return Buffer.concat([Buffer.from([0xa1, Buffer.byteLength(text)]), Buffer.from(text)]);
}

function amqpHeaders(prefix: string): Headers {
  return Object.fromEntries(Object.entries(BINARY).map(([name, text]) => [name.replace('ce_', prefix), amqp(text)]));
}

function prefixed(name: string, value: unknown): Buffer {
  const { idBytes = 0, put } = PREFIXED[name] ?? {};
  return put?.(GUID.subarray(0, idBytes), json(value)) ?? Buffer.alloc(0);
}

/** By the rows of docs/messages.md: several ways for each. */
export const ENVELOPES: Readonly<Record<string, (data: object) => readonly Wrapped[]>> = {
  'plain JSON': (data) => [
    wrapped(data),
    wrapped(data, { 'content-type': 'application/json' }),
    wrapped(Buffer.concat([Buffer.from('efbbbf', 'hex'), json(data)])),
    wrapped(Buffer.from(` \r\n\t${JSON.stringify(data, null, 2)}\n`)),
  ],
  'CloudEvents, binary mode': (data) => [
    wrapped(data, { ...BINARY, 'content-type': 'application/json' }),
    wrapped(data, { ...BINARY, 'content-type': 'application/vnd.acme.request+json; charset=UTF-8', ce_datacontenttype: 'text/plain' }),
    wrapped(data, { 'ce-specversion': '1.0', 'ce-id': 'evt-7' }),
  ],
  'CloudEvents, structured mode': (data) => [
    wrapped({ ...ABOUT, specversion: '1.0', data }, { 'content-type': 'application/cloudevents+json' }),
    wrapped({ ...ABOUT, specversion: '1.0', data }, { 'Content-Type': 'Application/CloudEvents+JSON ; charset="utf-8"' }),
    wrapped({ ...ABOUT, specversion: '1.0', data }, { contentType: 'application/cloudevents' }),
    wrapped({ ...ABOUT, specversion: '1.0', token: 'an extension', data }, { 'content-type': 'application/cloudevents+json' }),
  ],
  'CloudEvents, structured mode without its content type': (data) => [
    wrapped({ ...ABOUT, specversion: '1.0', data }),
    wrapped({ ...ABOUT, specversion: '1.0', datacontenttype: 'application/json', topic: 't', pubsubname: 'p', traceid: '', data }),
    wrapped({ ...ABOUT, specversion: '1.0', data }, { 'content-type': 'application/json' }),
    wrapped({ ...ABOUT, specversion: '1.0', data }, BINARY),
  ],
  'CloudEvents with `data_base64`': (data) => [
    wrapped({ ...ABOUT, specversion: '1.0', data_base64: json(data).toString('base64') }),
    wrapped(
      { ...ABOUT, specversion: '1.0', data_base64: json(data).toString('base64') },
      { 'content-type': 'application/cloudevents+json' },
    ),
    wrapped({ ...ABOUT, specversion: '1.0', data_base64: prefixed('Confluent', data).toString('base64') }),
  ],
  'CloudEvents whose `data` is text': (data) => [
    wrapped({ ...ABOUT, specversion: '1.0', datacontenttype: 'text/plain', data: JSON.stringify(data) }),
  ],
  'prefix of Confluent': (data) => [
    wrapped(prefixed('Confluent', data)),
    wrapped(prefixed('Confluent', data), BINARY),
    wrapped(prefixed('Confluent', { ...ABOUT, specversion: '1.0', data })),
    wrapped(prefixed('Confluent, by GUID', data)),
  ],
  'prefix of Apicurio': (data) => [wrapped(prefixed('Apicurio', data))],
  'prefix of AWS Glue': (data) => [wrapped(prefixed('AWS Glue', data)), wrapped(prefixed('AWS Glue, zlib', data))],
  'id of the schema in a header': (data) => [
    wrapped(data, { __value_schema_id: Buffer.concat([Buffer.from([1]), GUID]) }),
    wrapped(data, { 'apicurio.value.globalId': Buffer.from('000000000000002a', 'hex'), 'apicurio.value.encoding': 'JSON' }),
    wrapped(data, { schemaId: GUID.toString('hex'), 'content-type': `application/json+${GUID.toString('hex')}` }),
  ],
  '`schema` and `payload`': (data) => [
    wrapped({ schema: { type: 'struct', optional: false, fields: [] }, payload: data }),
    wrapped({ schema: null, payload: data }),
    wrapped({ schema: { type: 'string', optional: false }, payload: JSON.stringify(data) }),
    wrapped({ schema: { type: 'bytes', optional: false }, payload: json(data).toString('base64') }),
    wrapped({ schema: { type: 'struct' }, payload: { ...ABOUT, specversion: '1.0', data } }),
  ],
  'JSON as text within JSON': (data) => [
    wrapped(JSON.stringify(data)),
    wrapped(JSON.stringify({ ...ABOUT, specversion: '1.0', data: JSON.stringify(data) })),
    wrapped(json(data).toString('base64')),
  ],
  'headers encoded by AMQP': (data) => [
    wrapped(data, { ...amqpHeaders('ce_'), 'content-type': amqp('application/json') }),
    wrapped(data, amqpHeaders('cloudEvents:')),
    wrapped(data, amqpHeaders('cloudEvents_')),
    wrapped({ ...ABOUT, specversion: '1.0', data }, { 'content-type': amqp('application/cloudevents+json; charset=utf-8') }),
  ],
  'headers in quotes': (data) => [
    wrapped(data, {
      ce_specversion: '"1.0"',
      ce_id: '"evt-7"',
      spring_json_header_types: '{"ce_specversion":"java.lang.String"}',
    }),
    wrapped({ ...ABOUT, specversion: '1.0', data }, { contentType: '"application/cloudevents+json"' }),
  ],
  'headers repeated, empty, or in another case': (data) => [
    wrapped(data, { CE_SpecVersion: '1.0', Ce_Id: 'evt-7' }),
    wrapped(data, { ce_specversion: [Buffer.from('0.3'), Buffer.from('1.0')], ce_id: 'evt-7' }),
    wrapped(data, { ce_specversion: '', 'content-type': '' }),
    wrapped(data, { ce_specversion: [Buffer.from('1.0'), Buffer.alloc(0)] }),
  ],
};

type Refused = { readonly record: Wrapped; readonly reason: string; readonly names: RegExp };

function refused(reason: string, names: RegExp, record: Wrapped): Refused {
  return { record, reason, names };
}

/** By the rows of docs/messages.md on what is refused. The bytes in hexadecimal digits are from the registries' own serializers. */
export const REFUSED: Readonly<Record<string, (data: object) => readonly Refused[]>> = {
  'Avro or Protobuf after a prefix': () => [
    refused('NOT_JSON', /Confluent, 5 bytes.*JsonConverter/, wrapped(hex('00000186ca30746f6b2d3366396138623763366435653466336132623163'))),
    refused(
      'NOT_JSON',
      /Confluent, 5 bytes.*JsonConverter/,
      wrapped(hex('00000186ca020e0a18746f6b2d3366396138623763366435653466336132623163')),
    ),
    refused(
      'NOT_JSON',
      /Apicurio, 9 bytes.*JsonConverter/,
      wrapped(hex('00000000000000002a30746f6b2d3366396138623763366435653466336132623163')),
    ),
    refused(
      'NOT_JSON',
      /AWS Glue, 18 bytes.*JsonConverter/,
      wrapped(hex('030089791762233641869674299b90a802e230746f6b2d3366396138623763366435653466336132623163')),
    ),
    refused(
      'NOT_JSON',
      /Azure.*JsonConverter/,
      wrapped(Buffer.concat([Buffer.alloc(4), Buffer.from(GUID.toString('hex')), hex('30746f6b')])),
    ),
    refused('NOT_JSON', /Confluent, 17 bytes/, wrapped(Buffer.concat([hex('01'), GUID, hex('30746f6b')]))),
  ],
  'a list, a number or a text after a prefix': (data) => [
    refused('NOT_JSON', /Confluent, 5 bytes/, wrapped(Buffer.concat([hex('00000186ca'), json([data])]))),
    refused('NOT_JSON', /Confluent, 5 bytes/, wrapped(Buffer.concat([hex('00000186ca'), json(JSON.stringify(data))]))),
    refused('NOT_JSON', /Confluent, 5 bytes/, wrapped(prefixed('Confluent', data).subarray(0, -1))),
    refused('NOT_JSON', /Confluent, 5 bytes/, wrapped(Buffer.concat([hex('00000186ca'), prefixed('Confluent', data)]))),
  ],
  'compressed by the application': (data) => [
    refused('NOT_JSON', /zlib.*compression\.type/, wrapped(deflateSync(json(data)))),
    refused('NOT_JSON', /gzip.*compression\.type/, wrapped(hex('1f8b0800'))),
    refused('NOT_JSON', /zstd.*compression\.type/, wrapped(hex('28b52ffd00'))),
    refused('NOT_JSON', /lz4.*compression\.type/, wrapped(hex('04224d1864'))),
    refused('TOO_LARGE', /262144 bytes when inflated/, wrapped(prefixed('AWS Glue, zlib', { ...data, filler: 'x'.repeat(300_000) }))),
  ],
  'UTF-16, Java objects, Avro files, AMQP values': (data) => [
    refused('NOT_JSON', /UTF-16.*UTF-8/, wrapped(Buffer.from(JSON.stringify(data), 'utf16le'))),
    refused('NOT_JSON', /UTF-16.*UTF-8/, wrapped(Buffer.from(JSON.stringify(data), 'utf16le').swap16())),
    refused('NOT_JSON', /UTF-16.*UTF-8/, wrapped(Buffer.from(`\ufeff${JSON.stringify(data)}`, 'utf16le'))),
    refused('NOT_JSON', /Java object/, wrapped(hex('aced00057400056576742d31'))),
    refused('NOT_JSON', /Avro file/, wrapped(hex('4f626a0104'))),
    refused('NOT_JSON', /single Avro object/, wrapped(hex('c3010102030405060708'))),
    refused('NOT_JSON', /AMQP value/, wrapped(Buffer.concat([hex('005377b10000'), json(data)]))),
    refused('NOT_JSON', /AMQP value/, wrapped(amqp(JSON.stringify(data)))),
  ],
  'CloudEvents of another version, format or as a batch': (data) => [
    refused('INVALID_ENVELOPE', /^ce_specversion/, wrapped(data, { ce_specversion: '0.3' })),
    refused('INVALID_ENVELOPE', /^ce_specversion/, wrapped(data, { ce_specversion: amqp('0.3') })),
    refused('INVALID_ENVELOPE', /^specversion/, wrapped({ specversion: '0.3', id: 'evt-7', data })),
    refused('INVALID_ENVELOPE', /only JSON/, wrapped(hex('30'), { 'content-type': 'application/cloudevents+avro' })),
    refused('INVALID_ENVELOPE', /only JSON/, wrapped(hex('0a'), { 'content-type': 'application/cloudevents+protobuf' })),
    refused('INVALID_ENVELOPE', /batch/, wrapped([data], { 'content-type': 'application/cloudevents-batch+json' })),
  ],
  'more than one envelope of a kind': (data) => [
    refused('INVALID', /^value: /, wrapped(JSON.stringify(JSON.stringify(data)))),
    refused('INVALID', /./, wrapped({ schema: null, payload: { schema: null, payload: data } })),
    refused('INVALID', /./, wrapped({ ...ABOUT, specversion: '1.0', data: { ...ABOUT, specversion: '1.0', data } })),
    refused('INVALID', /^value: /, wrapped([data])),
  ],
};

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}
