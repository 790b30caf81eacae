import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatches } from '../../src/kafka/patches/bounded-fetch.ts';
import { decompressed, unzstdedByPackage } from '../../src/kafka/patches/codecs.ts';
import { cutOf } from '../../src/kafka/patches/record-batch.ts';
import { type CodecName, CODECS, encodeBatch, type PlainRecord, signed } from './support/batches.ts';
import { foreignValues } from './support/foreign.ts';

const MIB = 1024 * 1024;
const codecs = Object.keys(CODECS).filter((name): name is CodecName => name in CODECS);
const compressing = codecs.filter((name) => name !== 'none');
const good = (n: number): PlainRecord => ({ value: Buffer.from(JSON.stringify({ token: `tok-${n}` })) });

/** Record batches as they lie on a broker's disk; sixty of each codec, one after another. */
const segmentOf = (producer: 'java' | 'rd'): Buffer => readFileSync(new URL(`../fixtures/kafka/${producer}.segment`, import.meta.url));

async function wholeOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** The compressed bytes of the batches of `codec` in a segment. */
function bodiesOf(segment: Buffer, codec: number): Buffer[] {
  const bodies: Buffer[] = [];
  for (let at = 0; at < segment.length; at += 12 + segment.readInt32BE(at + 8))
    if ((segment.readInt16BE(at + 21) & 7) === codec) bodies.push(segment.subarray(at + 61, at + 12 + segment.readInt32BE(at + 8)));
  return bodies;
}

/** A record that says it is 300 MiB long, then zeros. */
function zstdOfZeros(mib: number): Buffer {
  const [length, zeros] = [Buffer.from([0x80, 0x80, 0x80, 0xac, 0x02]), Buffer.alloc(4)];
  zeros.writeUIntLE(2 | ((128 * 1024) << 3), 0, 3);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3, length.length << 3, 0, 0]),
    length,
    ...Array.from({ length: 8 * mib }, () => zeros),
    Buffer.from([1, 0, 0]),
  ]);
}

describe('a batch', () => {
  it.each(['java', 'rd'] as const)('of each codec is read as %s wrote it, one after another', async (producer) => {
    const { messages, failure, nextOffset } = await decodeBatches(segmentOf(producer));
    expect(failure).toBeUndefined();
    expect(messages.map(({ value }) => (value === null ? null : value.toString()))).toEqual(foreignValues(producer, 60));
    expect(nextOffset).toBe(300n);
    for (const codec of [1, 2, 3, 4]) expect(bodiesOf(segmentOf(producer), codec).length).toBeGreaterThan(0);
  });

  it('in snappy is framed by Java and one bare block by librdkafka: both are among those above', () => {
    const isFramed = (body: Buffer | undefined): boolean => body?.subarray(1, 7).toString() === 'SNAPPY';
    expect([isFramed(bodiesOf(segmentOf('java'), 2)[0]), isFramed(bodiesOf(segmentOf('rd'), 2)[0])]).toEqual([true, false]);
  });

  it.each(codecs)('of any bytes comes out of %s as it went in', async (name) => {
    const { number, compress } = CODECS[name];
    const run = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 9000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), async (runs) => {
        const plain = Buffer.concat(runs.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes)));
        expect((await wholeOf(decompressed(compress(plain), number))).equals(plain)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it.each(['java', 'rd'] as const)('in zstd of %s is read alike with and without what newer Node.js brings', async (producer) => {
    for (const body of bodiesOf(segmentOf(producer), 4)) {
      const byPackage = await wholeOf(unzstdedByPackage(body));
      expect(byPackage.includes(`${producer}-zstd-`)).toBe(true);
      expect((await wholeOf(decompressed(body, 4))).equals(byPackage)).toBe(true);
    }
  });

  it('in LZ4 whose blocks build on each other is read', async () => {
    const { uncompressSync, compressSync } = await import('lz4-napi');
    const parts = ['a', 'b', 'c'].map((letter) => Buffer.from(`${letter}${'0123456789'.repeat(5000)}`));
    const blocks = parts.flatMap((part, index) => {
      const history = Buffer.concat(parts.slice(0, index)).subarray(-65_536);
      const block = compressSync(part, history).subarray(4);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(block.length);
      return [length, block];
    });
    const frame = Buffer.concat([Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0]), ...blocks, Buffer.alloc(4)]);
    expect(() => uncompressSync(Buffer.concat([Buffer.from([0, 0, 1, 0]), blocks[3] ?? Buffer.alloc(0)]))).toThrow('not contained');
    expect((await wholeOf(decompressed(frame, 3))).equals(Buffer.concat(parts))).toBe(true);
  });
});

describe('a bomb', () => {
  it.each(compressing.filter((name) => name !== 'snappy in one block'))(
    'of 120 MiB of zeros in %s is cut to its beginning, the records around it are whole, and memory is not used',
    async (codec) => {
      const bomb = encodeBatch([good(0), { value: Buffer.alloc(120 * MIB) }, good(2)], { codec });
      const before = process.memoryUsage().rss;
      const { messages, failure } = await decodeBatches(bomb);
      expect(process.memoryUsage().rss - before).toBeLessThan(90 * MIB);
      expect(failure).toBeUndefined();
      expect(messages.map((one) => cutOf(one)?.kind ?? one.value?.toString())).toEqual([
        '{"token":"tok-0"}',
        'RECORD',
        '{"token":"tok-2"}',
      ]);
    },
  );

  it.each([
    ['snappy that says 4 GiB of itself', 2, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0])],
    ['40 MiB in one block of snappy', 2, CODECS['snappy in one block'].compress(Buffer.alloc(40 * MIB))],
    ['300 MiB in 10 KB of zstd', 4, zstdOfZeros(300)],
  ] as const)('of %s is more than anybody may be asked to read: one stub', async (_what, number, body) => {
    const name = codecs.find((one) => CODECS[one].number === number) ?? 'none';
    const { messages, failure } = await decodeBatches(encodeBatch([good(0), good(1)], { codec: name, body }));
    expect(failure).toBeUndefined();
    expect(messages.map((one) => cutOf(one)?.kind)).toEqual(['BATCH']);
  });

  it('of zstd with a window of 2 GiB allocates none of it', () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(() => [...unzstdedByPackage(frame)]).toThrow('needs Node.js 22.15');
  });
});

describe('a batch that is not what it says', () => {
  it.each(codecs)('never throws, ends, and is named: %s, any bit of it flipped, or cut off anywhere', async (codec) => {
    const batch = encodeBatch(
      Array.from({ length: 20 }, (_, n) => good(n)),
      { codec, firstOffset: 7n },
    );
    const where = fc.record({ at: fc.nat(batch.length - 1), bit: fc.nat(7), isSigned: fc.boolean(), keep: fc.nat(batch.length) });
    await fc.assert(
      fc.asyncProperty(where, async ({ at, bit, isSigned, keep }) => {
        const broken = Buffer.from(batch);
        broken.writeUInt8(broken.readUInt8(at) ^ (1 << bit), at);
        const isCovered = at >= 21;
        const reading = await decodeBatches(isSigned ? signed(broken) : broken);
        expect(reading.failure?.error ?? '').not.toMatch(/tok-|"offset"|buffer bounds/);
        // Whoever writes a right checksum over nonsense gets what the nonsense says, or a failure.
        if (isCovered && !isSigned)
          expect(reading).toMatchObject({ messages: [], failure: { error: 'the checksum is wrong', nextOffset: expect.anything() } });
        const torn = await decodeBatches(batch.subarray(0, keep));
        expect(torn.messages.length).toBe(keep === batch.length ? 20 : 0);
        if (keep > 0 && keep < batch.length) expect(torn.failure).toBeDefined();
      }),
      { numRuns: 150 },
    );
  });

  it('does not keep those before it from being read; it comes first in the next answer', async () => {
    const broken = encodeBatch([good(1)], { firstOffset: 1n });
    broken.writeUInt8(1, 61);
    const { messages, nextOffset, failure } = await decodeBatches(Buffer.concat([encodeBatch([good(0)]), broken]));
    expect(messages.map(({ offset }) => offset)).toEqual(['0']);
    expect([nextOffset, failure?.nextOffset]).toEqual([1n, 2n]);
  });

  it.each(compressing)('is told with its codec: %s', async (codec) => {
    const batch = encodeBatch([good(0)], { codec, body: Buffer.from('nothing of the kind') });
    expect((await decodeBatches(batch)).failure?.error).toMatch(new RegExp(`^${codec.replace(/ .*/, '')}: .+`));
  });

  it('of a codec that nobody knows is named', async () => {
    const batch = encodeBatch([good(0)]);
    batch.writeInt16BE(5, 21);
    expect((await decodeBatches(signed(batch))).failure?.error).toBe('compression codec 5 is not known');
  });
});
