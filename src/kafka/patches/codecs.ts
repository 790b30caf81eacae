/**
 * Kafka's codecs, each as a stream of pieces, so that nobody ever holds all that a batch becomes. The packages know the bytes of
 * a block; the frames around blocks are read here, because the packages' own readers of whole frames know no bounds.
 */
import { Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { systemCode } from '../../contracts/errors.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** So much may come out of one batch, kept or not: seconds of work for the slowest codec. On the wire brokers take 1 MiB by default. */
const MAX_OUTPUT_BYTES = 256 * MIB;
/** Three of the codecs work on the event loop: others get their turn as often. */
const YIELD_EVERY_BYTES = 4 * MIB;

/** More comes out of a batch than anybody may be asked to read. */
export class TooMuchOutputError extends Error {
  override readonly name = 'TooMuchOutputError';
}

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** By the numbers of a batch's attributes. */
const CODECS: readonly (readonly [name: string, pieces: (bytes: Buffer) => Pieces])[] = [
  ['none', (bytes) => [bytes]],
  ['gzip', gunzipped],
  ['snappy', unsnappied],
  ['lz4', unlz4ed],
  ['zstd', unzstded],
];

/** What `bytes` become. @throws TooMuchOutputError, or an error that names the codec if they are not what it says. */
export async function* decompressed(bytes: Buffer, codec: number): AsyncGenerator<Buffer> {
  const [name, pieces] = CODECS[codec] ?? [];
  if (name === undefined || pieces === undefined) throw new Error(`compression codec ${codec} is not known`);
  try {
    yield* bounded(pieces(bytes), codec === 0 ? Number.POSITIVE_INFINITY : MAX_OUTPUT_BYTES);
  } catch (error) {
    if (error instanceof TooMuchOutputError) throw error;
    const reason = reasonOf(error);
    throw new Error(reason.startsWith(`${name}: `) ? reason : `${name}: ${reason}`, { cause: error });
  }
}

/** Why bytes cannot be read. No codec quotes a record; what Node.js says of its buffers means nothing to whoever looks for a batch. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return systemCode(error)?.startsWith('ERR_') ? 'the bytes end too early' : error.message;
}

async function* bounded(pieces: Pieces, maxBytes: number): AsyncGenerator<Buffer> {
  let total = 0;
  let untilYield = YIELD_EVERY_BYTES;
  for await (const piece of pieces) {
    total += piece.length;
    if (total > maxBytes) throw new TooMuchOutputError();
    yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    untilYield -= piece.length;
    if (untilYield > 0) continue;
    untilYield = YIELD_EVERY_BYTES;
    await setImmediate();
  }
}

function gunzipped(bytes: Buffer): Pieces {
  const stream = zlib.createUnzip({ chunkSize: 64 * KIB });
  stream.end(bytes);
  return stream;
}

/** The framing of snappy-java, which most clients use; librdkafka writes one bare block. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;
/** A block comes out in one piece. Snappy makes 21 times as much of a byte at most. */
const SNAPPY_LARGEST_BLOCK = 32 * MIB;

async function* unsnappied(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const { uncompressSync } = await loaded('snappy', async () => await import('snappy'));
  for (const block of snappyBlocks(bytes)) {
    // The package makes room for as much as the block says that it holds.
    if (varintAt(block) > SNAPPY_LARGEST_BLOCK) throw new TooMuchOutputError();
    const piece = uncompressSync(block);
    yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
}

function* snappyBlocks(bytes: Buffer): Generator<Buffer> {
  const isHeader = (at: number): boolean => bytes.subarray(at, at + XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  if (!isHeader(0)) yield bytes;
  else
    for (let at = 0; at < bytes.length;) {
      // Streams may follow each other.
      if (isHeader(at)) at += XERIAL_HEADER_BYTES;
      else {
        const block = part(bytes, at + 4, bytes.readInt32BE(at));
        yield block;
        at += 4 + block.length;
      }
    }
}

function varintAt(bytes: Buffer): number {
  let value = 0;
  for (let index = 0, factor = 1; index < 5; index += 1, factor *= 128) {
    const byte = bytes.readUInt8(index);
    value += (byte & 127) * factor;
    if (byte < 128) break;
  }
  return value;
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_LARGEST_BLOCK: ReadonlyMap<number, number> = new Map([
  [4, 64 * KIB],
  [5, 256 * KIB],
  [6, MIB],
  [7, 4 * MIB],
]);
const LZ4_HISTORY_BYTES = 64 * KIB;
const [LZ4_INDEPENDENT, LZ4_BLOCK_CHECKSUM, LZ4_SIZE, LZ4_CHECKSUM, LZ4_DICTIONARY] = [0x20, 0x10, 0x08, 0x04, 0x01];
const LZ4_STORED = 0x80000000;

/** Frames of LZ4. Their checksums are not looked at: the batch has one over everything. */
async function* unlz4ed(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const { uncompressSync } = await loaded('lz4-napi', async () => await import('lz4-napi'));
  for (let at = 0; at < bytes.length;) {
    if (bytes.readUInt32LE(at) !== LZ4_MAGIC) throw new Error('no LZ4 frame');
    const flags = bytes.readUInt8(at + 4);
    const largest = LZ4_LARGEST_BLOCK.get((bytes.readUInt8(at + 5) >> 4) & 7);
    if (largest === undefined || (flags & LZ4_DICTIONARY) > 0) throw new Error('an LZ4 frame of an unknown kind');
    const size = Buffer.alloc(4);
    size.writeUInt32LE(largest);
    at += 7 + (flags & LZ4_SIZE);
    let history = Buffer.alloc(0);
    for (let head = bytes.readUInt32LE(at); head !== 0; head = bytes.readUInt32LE(at)) {
      const block = part(bytes, at + 4, head & ~LZ4_STORED);
      const piece = head >= LZ4_STORED ? block : uncompressSync(Buffer.concat([size, block]), history);
      yield piece;
      if ((flags & LZ4_INDEPENDENT) === 0) history = Buffer.concat([history, piece]).subarray(-LZ4_HISTORY_BYTES);
      at += 4 + block.length + ((flags & LZ4_BLOCK_CHECKSUM) > 0 ? 4 : 0);
    }
    at += 4 + (flags & LZ4_CHECKSUM);
  }
}

function unzstded(bytes: Buffer): Pieces {
  // Node.js has it from 22.15 on; the types are those of the lowest one.
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  const stream: unknown = typeof create === 'function' ? create({ chunkSize: 64 * KIB }) : undefined;
  if (!(stream instanceof Transform)) return unzstdedByPackage(bytes);
  stream.end(bytes);
  return stream;
}

const ZSTD_MAGIC = 0xfd2fb528;
const [ZSTD_SINGLE_SEGMENT, ZSTD_CHECKSUM] = [0x20, 0x04];
const ZSTD_RLE = 1;
/** What every reader must be able to keep (RFC 8878). The package moves all of it for each block; only levels above 19 ask for more. */
const ZSTD_WINDOW_BYTES = 8 * MIB;

/** Frames of zstd, a block at a time, because 4 bytes may become 128 KiB. For Node.js before 22.15. */
export function* unzstdedByPackage(bytes: Buffer): Generator<Uint8Array> {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const frame = new Decompress((piece) => void out.push(piece));
    const header = zstdHeaderOf(bytes.subarray(at));
    if (header.windowBytes > ZSTD_WINDOW_BYTES) {
      throw new Error('what is compressed by a level above 19 needs Node.js 22.15 or later');
    }
    frame.push(part(bytes, at, header.length));
    at += header.length;
    for (let isLast = false; !isLast;) {
      const head = bytes.readUIntLE(at, 3);
      isLast = (head & 1) > 0;
      const content = ((head >> 1) & 3) === ZSTD_RLE ? 1 : head >> 3;
      const block = part(bytes, at, 3 + content + (isLast ? header.checksumBytes : 0));
      frame.push(block, isLast);
      at += block.length;
      yield* out.splice(0);
    }
  }
}

function zstdHeaderOf(bytes: Buffer): { readonly length: number; readonly windowBytes: number; readonly checksumBytes: number } {
  if (bytes.readUInt32LE(0) !== ZSTD_MAGIC) throw new Error('no zstd frame');
  const flags = bytes.readUInt8(4);
  const isSingle = (flags & ZSTD_SINGLE_SEGMENT) > 0;
  const sizeAt = 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][flags & 3] ?? 0);
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const checksumBytes = (flags & ZSTD_CHECKSUM) > 0 ? 4 : 0;
  if (!isSingle) {
    const window = bytes.readUInt8(5);
    return { length: sizeAt + sizeBytes, windowBytes: 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8), checksumBytes };
  }
  const size = sizeBytes === 8 ? Number(bytes.readBigUInt64LE(sizeAt)) : bytes.readUIntLE(sizeAt, sizeBytes);
  return { length: sizeAt + sizeBytes, windowBytes: size, checksumBytes };
}

/** @throws RangeError if the bytes end before it does. */
function part(bytes: Buffer, at: number, length: number): Buffer {
  if (length < 0 || at + length > bytes.length) throw new RangeError('a block is longer than what it lies in');
  return bytes.subarray(at, at + length);
}

/** Loaded when first needed: where its binary is missing, only what is compressed with it cannot be read. */
async function loaded<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new Error(`package ${name} cannot be loaded: install the optional packages, for this platform`, { cause: error });
  }
}
