/**
 * kafkajs 2.2.4 takes a record's headers as an object, and writes all values of a name together, names of digits first, and no
 * null value at all. A record that is put aside or sent again must keep its headers as they were, so a list of them goes past
 * kafkajs's encoder, in the place of an object that stands for it.
 */
import type { IHeaders } from 'kafkajs';
import type { HeaderList } from '../../contracts/wire/header-text.ts';
import { onlyOnce, replaceModule } from './internals.ts';

/** kafkajs's encoder of a record, and what it returns. */
type Encoded = { readonly buffer: Buffer; readonly constructor: new () => { writeBuffer(bytes: Buffer): Encoded } };
type EncodeRecord = (fields: { readonly headers?: IHeaders }) => Encoded;

const lists = new WeakMap<object, HeaderList>();

/** What to give kafkajs for these headers, so that they are written in this order. */
export function standInFor(list: HeaderList): IHeaders {
  writeHeadersInOrder();
  const headers = {};
  lists.set(headers, list);
  return headers;
}

const writeHeadersInOrder = onlyOnce(() => {
  replaceModule<EncodeRecord>('src/protocol/recordBatch/record/v0/index', {
    by: (encode) => (fields) => {
      const encoded = encode(fields);
      const list = fields.headers && lists.get(fields.headers);
      return list === undefined ? encoded : new encoded.constructor().writeBuffer(withHeaders(encoded.buffer, list));
    },
    usedBy: /\/protocol\/requests\/produce\/v\d+\/request\.js$/,
  });
});

/** A record that was encoded without headers is its length, its body, and 0 for the number of its headers. */
function withHeaders(record: Buffer, list: HeaderList): Buffer {
  const bodyFrom = record.findIndex((byte) => byte < 0x80) + 1;
  const headers = list.flatMap(([name, value]) => [...sized(Buffer.from(name)), ...sized(value)]);
  const body = Buffer.concat([record.subarray(bodyFrom, -1), varint(list.length), ...headers]);
  return Buffer.concat([varint(body.length), body]);
}

function sized(bytes: Buffer | null): Buffer[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}

/** Zigzag, 7 bits a byte. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
