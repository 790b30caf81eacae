import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundFetches, decodeBatches as decode } from '../../src/kafka/patches/bounded-fetch.ts';
import { type FetchedMessage, cutOf, readHeader, readRecords } from '../../src/kafka/patches/record-batch.ts';
import {
  type BatchOptions,
  type CodecName,
  encodeBatch,
  encodeFetchResponse,
  MAX_TIMESTAMP,
  type PlainRecord,
  signed,
} from './support/batches.ts';

const require = createRequire(import.meta.url);
const MIB = 1024 * 1024;
const good = (n: number): PlainRecord => ({ value: Buffer.from(JSON.stringify({ token: `tok-${n}` })) });
const zeros = (mib: number): Buffer => Buffer.alloc(mib * MIB);

/** What is read without a failure. */
async function decodeBatches(raw: Buffer): Promise<readonly FetchedMessage[]> {
  const { messages, failure } = await decode(raw);
  expect(failure).toBeUndefined();
  return messages;
}

type Kafkajs = {
  decoder: new (bytes: Buffer) => object;
  batch: (decoder: object) => Promise<{ records: readonly FetchedMessage[] }>;
  response: () => { decode(raw: Buffer): Promise<{ responses: { partitions: { messages: readonly FetchedMessage[] }[] }[] }> };
};

/** kafkajs's own reading of the same bytes: the oracle. */
const kafkajs: Kafkajs = {
  decoder: require('kafkajs/src/protocol/decoder'),
  batch: require('kafkajs/src/protocol/recordBatch/v0/decoder'),
  response: () => require('kafkajs/src/protocol/requests/fetch').protocol({ version: 11 })({ topics: [], maxWaitTime: 1 }).response,
};

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<PlainRecord> = fc.record({
  key: fc.option(bytes, { nil: null }),
  value: fc.option(bytes, { nil: null }),
  headers: fc.array(fc.tuple(fc.constantFrom('a', 'b', '', 'traceparent', 'ä', '__proto__', 'constructor'), bytes), { maxLength: 6 }),
  timestampDelta: fc.integer({ min: -1_000_000, max: 2 ** 45 }),
});
const batches = fc.array(
  fc.record({
    records: fc.array(record, { minLength: 1, maxLength: 8 }),
    codec: fc.constantFrom<CodecName>('none', 'gzip'),
    appendTime: fc.boolean(),
  }),
  {
    maxLength: 4,
  },
);

/** A name that kafkajs itself would get wrong is left out: it takes values that objects inherit for a header's. */
const withoutInherited = ({ headers, ...rest }: FetchedMessage) => ({
  ...rest,
  headers: Object.entries(headers).filter(([name]) => name !== 'constructor' && name !== '__proto__'),
});

describe('record batches', () => {
  it('are read as kafkajs reads them', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        const encoded = all.map(({ records, ...options }, index) => encodeBatch(records, { ...options, firstOffset: BigInt(index * 100) }));
        const theirs = await Promise.all(encoded.map(async (batch) => (await kafkajs.batch(new kafkajs.decoder(batch))).records));
        const ours = await decodeBatches(Buffer.concat(encoded));
        expect(ours.map(withoutInherited)).toEqual(theirs.flat().map(withoutInherited));
      }),
      { numRuns: 300 },
    );
  });

  it('are read alike whatever the pieces they come in, and cut off at the end of the answer as kafkajs does it', async () => {
    const pieces = fc.record({ records: fc.array(record, { minLength: 1, maxLength: 8 }), size: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(pieces, async ({ records, size }) => {
        const batch = encodeBatch(records);
        const body = batch.subarray(61);
        const cut = Array.from({ length: Math.ceil(body.length / size) }, (_, n) => body.subarray(n * size, (n + 1) * size));
        const limits = { maxRecordBytes: 10_000, maxBatchBytes: 100_000, maxRecords: 100 };
        const read = await readRecords(cut, { header: readHeader(batch), limits });
        expect(read?.messages).toEqual(await decodeBatches(batch));
        const torn = Buffer.concat([batch, encodeBatch([good(1)]).subarray(0, size + 20)]);
        expect(await decodeBatches(torn)).toEqual(await decodeBatches(batch));
      }),
      { numRuns: 100 },
    );
  });

  it('keep their headers whatever they are called, however many there are', async () => {
    const many = Array.from({ length: 60_000 }, (_, n) => [`h${n}`, Buffer.from('v')] as const);
    const beganAtMs = performance.now();
    const [wide, odd] = await decodeBatches(
      encodeBatch([
        { headers: many },
        {
          headers: [
            ['__proto__', Buffer.from('p')],
            ['x', Buffer.from('1')],
            ['x', Buffer.from('2')],
          ],
        },
      ]),
    );
    expect(performance.now() - beganAtMs).toBeLessThan(10_000);
    expect(Object.keys(wide?.headers ?? {})).toHaveLength(60_000);
    expect(Object.entries(odd?.headers ?? {})).toEqual([
      ['__proto__', Buffer.from('p')],
      ['x', [Buffer.from('1'), Buffer.from('2')]],
    ]);
  });
});

describe('what is beyond all measure', () => {
  it.each([
    ['value', { key: Buffer.from('k'), value: zeros(120) }, { kind: 'RECORD', valueBytes: 120 * MIB }, 'k'],
    ['key', { key: zeros(120), value: Buffer.from('x') }, { kind: 'RECORD' }, undefined],
    [
      'header',
      { key: Buffer.from('k'), value: Buffer.from('xyz'), headers: [['h', zeros(120)] as const] },
      { kind: 'RECORD', valueBytes: 3 },
      'k',
    ],
  ])(
    'a record with a %s of 120 MiB, 120 KB of gzip, is cut to its beginning; the others are whole, and memory is not used',
    async (_what, giant, cut, key) => {
      const batch = encodeBatch([good(0), giant, good(2)], { codec: 'gzip' });
      expect(batch.length).toBeLessThan(140_000);
      const before = process.memoryUsage().rss;
      const messages = await decodeBatches(batch);
      expect(process.memoryUsage().rss - before).toBeLessThan(60 * MIB);
      expect(messages.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
      const [first, middle, last] = messages;
      expect([first, last].map((one) => one && [String(one.value), cutOf(one)])).toEqual([
        ['{"token":"tok-0"}', undefined],
        ['{"token":"tok-2"}', undefined],
      ]);
      expect(middle && cutOf(middle)).toMatchObject(cut);
      expect(middle?.key?.toString()).toBe(key);
      expect(middle?.value?.length).toBeLessThan(5_000);
      expect(middle?.headers).toEqual({});
    },
  );

  it('of many large records those are cut that can be no requests, and the requests between them are whole', async () => {
    const records = Array.from({ length: 80 }, (_, n) => (n % 2 === 0 ? { value: zeros(1) } : good(n)));
    const messages = await decodeBatches(encodeBatch(records, { codec: 'gzip' }));
    expect(messages.map((one) => cutOf(one)?.kind)).toEqual(records.map((_, n) => (n % 2 === 0 ? 'RECORD' : undefined)));
    expect(String(messages[79]?.value)).toBe('{"token":"tok-79"}');
  });

  it.each([
    ['too large together', Array.from({ length: 200 }, () => ({ value: Buffer.alloc(250_000) })), { codec: 'gzip' }],
    ['too many, compressed', Array.from({ length: 150_000 }, () => ({})), { codec: 'gzip' }],
    ['too many', Array.from({ length: 150_000 }, () => ({})), {}],
  ] satisfies [string, PlainRecord[], BatchOptions][])(
    'one record stands for a batch of records that are %s',
    async (_what, records, options) => {
      const messages = await decodeBatches(
        Buffer.concat([encodeBatch(records, { ...options, firstOffset: 1000n }), encodeBatch([good(1)], { firstOffset: 900_000n })]),
      );
      expect(messages.map(({ offset }) => offset)).toEqual([String(1000 + records.length - 1), '900000']);
      const [stub] = messages;
      expect(stub && cutOf(stub)).toEqual({ kind: 'BATCH', records: records.length, firstOffset: '1000' });
      expect(stub).toMatchObject({ key: null, value: Buffer.alloc(0), timestamp: MAX_TIMESTAMP.toString(), isControlRecord: false });
    },
  );

  it('many batches are handed over a part at a time: the rest is fetched again', async () => {
    const first = encodeBatch(
      Array.from({ length: 40 }, () => ({ value: Buffer.alloc(250_000) })),
      { codec: 'gzip' },
    );
    const batch = (n: number): Buffer => {
      const copy = Buffer.from(first);
      // The offset is no part of what the checksum covers.
      copy.writeBigInt64BE(BigInt(40 * n));
      return copy;
    };
    const messages = await decodeBatches(Buffer.concat(Array.from({ length: 20 }, (_, n) => batch(n))));
    expect(messages.map(({ offset }) => Number(offset))).toEqual(Array.from({ length: 80 }, (_, n) => n));
  });

  it('no bytes are read beyond a record that lies about its fields', async () => {
    const lying = encodeBatch([{ value: Buffer.from('abc') }]);
    lying.writeUInt8(80, 61 + 5);
    expect((await decode(signed(lying))).failure?.error).toContain('longer than the record');
  });
});

describe('kafkajs', () => {
  it('reads with them, also if it has read before', async () => {
    const raw = encodeFetchResponse(encodeBatch([good(0), { value: zeros(20) }], { codec: 'gzip' }));
    const unbounded = await kafkajs.response().decode(raw);
    expect(unbounded.responses[0]?.partitions[0]?.messages.map(({ value }) => value?.length)).toEqual([17, 20 * MIB]);
    boundFetches();
    const bounded = await kafkajs.response().decode(raw);
    const messages = bounded.responses[0]?.partitions[0]?.messages ?? [];
    expect(messages.map(({ offset, value }) => [offset, (value?.length ?? 0) < 5_000])).toEqual([
      ['0', true],
      ['1', true],
    ]);
    expect(messages.map((one) => cutOf(one)?.kind)).toEqual([undefined, 'RECORD']);
  });
});
