import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { HeaderList } from '../../src/contracts/wire/header-text.ts';
import { inboundRecord } from '../../src/kafka/inbound-record.ts';
import { decodeBatches } from '../../src/kafka/patches/bounded-fetch.ts';
import { standInFor } from '../../src/kafka/patches/ordered-headers.ts';
import { encodeBatch } from './support/batches.ts';

type Encode = (fields: object) => { readonly buffer: Buffer };
const require = createRequire(import.meta.url);
/** kafkajs's encoder of a record as its producer finds it. */
const encode: Encode = (fields) => {
  const record: Encode = require('kafkajs/src/protocol/recordBatch/record/v0');
  return record(fields);
};

const LISTS: readonly (readonly [string, HeaderList])[] = [
  ['none', []],
  [
    'one name with another between',
    [
      ['a', Buffer.from('1')],
      ['b', Buffer.from('2')],
      ['a', Buffer.from('3')],
    ],
  ],
  [
    'a null value',
    [
      ['a', null],
      ['b', Buffer.alloc(0)],
    ],
  ],
  [
    'names of digits',
    [
      ['z', Buffer.from('1')],
      ['7', Buffer.from('2')],
      ['1', Buffer.from('3')],
    ],
  ],
  [
    'names of objects',
    [
      ['__proto__', Buffer.from('1')],
      ['constructor', Buffer.from('2')],
      ['__proto__', Buffer.from('3')],
      ['x', null],
    ],
  ],
  ['many long ones', Array.from({ length: 200 }, (_, n) => [`n${n % 7}`, Buffer.alloc(n * 3, n)] as const)],
];

describe('headers', () => {
  it.each(LISTS)('%s: are written in their order, as another encoder writes them', (_what, list) => {
    const [key, value] = [Buffer.from('k'), Buffer.from('v')];
    const ours = encode({ offsetDelta: 0, timestampDelta: 0, key, value, headers: standInFor(list) }).buffer;
    const batch = encodeBatch([{ key, value, headers: list }]);
    expect(ours.equals(batch.subarray(61))).toBe(true);
  });

  it.each(LISTS)('%s: are read in their order', async (_what, list) => {
    const { messages } = await decodeBatches(encodeBatch([{ value: Buffer.from('v'), headers: list }]));
    const [message] = messages;
    if (message === undefined) throw new Error('no record');
    const { headers, headerList } = inboundRecord(message, { topic: 't', partition: 0 });
    const told = headerList ?? [...headers].flatMap(([name, values]) => values.map((bytes) => [name, bytes] as const));
    expect(told).toEqual(list);
  });
});
