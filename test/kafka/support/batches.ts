import { gzipSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { crc32c } from '../../../src/kafka/patches/crc32c.ts';

export type PlainRecord = {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly (readonly [string, Buffer | null])[];
  readonly timestampDelta?: number;
  /** Default: its place in the batch. */
  readonly offsetDelta?: number;
};

export type BatchOptions = {
  readonly firstOffset?: bigint;
  readonly codec?: CodecName;
  /** LogAppendTime. */
  readonly appendTime?: boolean;
  /** Instead of what the codec makes of the records. */
  readonly body?: Buffer;
  readonly transaction?: { readonly producerId: bigint; readonly isMarker?: boolean };
  /** Offset of the last record that was there before compaction, relative to the first. */
  readonly lastOffsetDelta?: number;
};

/** Each with the number that a batch's attributes call it by. */
export const CODECS = {
  none: { number: 0, compress: (plain: Buffer) => plain },
  gzip: { number: 1, compress: (plain: Buffer) => gzipSync(plain) },
  'snappy in one block': { number: 2, compress: (plain: Buffer) => compressSync(plain) },
  'snappy framed by Java': { number: 2, compress: xerial },
  lz4: { number: 3, compress: (plain: Buffer) => compressFrameSync(plain) },
  zstd: { number: 4, compress: plainZstd },
} as const;
export type CodecName = keyof typeof CODECS;

export const FIRST_TIMESTAMP = 1_700_000_000_000n;
export const MAX_TIMESTAMP = 1_700_000_123_456n;

function xerial(plain: Buffer): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const blocks = partsOf(plain, 32 * 1024).flatMap((part) => {
    const block = compressSync(part);
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    return [length, block];
  });
  return Buffer.concat([header, ...blocks]);
}

/** Node.js 20 has no encoder: blocks of one byte repeated where there is nothing else, all others as they are. Window of 1 MiB. */
function plainZstd(plain: Buffer): Buffer {
  const parts = partsOf(plain, 128 * 1024);
  const blocks = parts.flatMap((part, index) => {
    const repeats = part.equals(Buffer.alloc(part.length, part[0]));
    const head = Buffer.alloc(3);
    head.writeUIntLE((index === parts.length - 1 ? 1 : 0) | (repeats ? 2 : 0) | (part.length << 3), 0, 3);
    return [head, repeats ? part.subarray(0, 1) : part];
  });
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3]), ...blocks]);
}

function partsOf(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
}

/** A record batch of format 2 as a broker sends it. */
export function encodeBatch(records: readonly PlainRecord[], options: BatchOptions = {}): Buffer {
  const { firstOffset = 0n, codec = 'none', appendTime = false, transaction } = options;
  const { number, compress } = CODECS[codec];
  const body = options.body ?? compress(Buffer.concat(records.map(encodeRecord)));
  const flags = (appendTime ? 0x08 : 0) | (transaction ? 0x10 : 0) | (transaction?.isMarker ? 0x20 : 0);
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(firstOffset, 0);
  header.writeInt32BE(49 + body.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(number | flags, 21);
  header.writeInt32BE(options.lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? records.length - 1, 23);
  header.writeBigInt64BE(FIRST_TIMESTAMP, 27);
  header.writeBigInt64BE(MAX_TIMESTAMP, 35);
  header.writeBigInt64BE(transaction?.producerId ?? -1n, 43);
  header.writeInt16BE(-1, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(records.length, 57);
  return signed(Buffer.concat([header, body]));
}

/** Puts the checksum right. */
export function signed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

/** A Fetch response of version 11 with one partition, whose record set holds `batches`. */
export function encodeFetchResponse(batches: Buffer, { topic = 't', errorCode = 0 } = {}): Buffer {
  const int = (bytes: 2 | 4 | 8, value: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, Math.max(0, bytes - 6), Math.min(6, bytes));
    if (bytes === 8 && value < 0) buffer.fill(0xff, 0, 2);
    return buffer;
  };
  const name = Buffer.from(topic);
  const partition = [
    int(4, 0),
    int(2, errorCode),
    int(8, 99),
    int(8, 99),
    int(8, 0),
    int(4, 0),
    int(4, -1),
    int(4, batches.length),
    batches,
  ];
  return Buffer.concat([int(4, 0), int(2, 0), int(4, 0), int(4, 1), int(2, name.length), name, int(4, 1), ...partition]);
}

function encodeRecord({ key = null, value = null, headers = [], timestampDelta = 0, offsetDelta }: PlainRecord, index: number): Buffer {
  const fields = headers.flatMap(([name, text]) => [...bytesOf(Buffer.from(name)), ...bytesOf(text)]);
  const body = [
    Buffer.alloc(1),
    varint(timestampDelta),
    varint(offsetDelta ?? index),
    ...bytesOf(key),
    ...bytesOf(value),
    varint(headers.length),
    ...fields,
  ];
  return Buffer.concat([varint(body.reduce((sum, { length }) => sum + length, 0)), ...body]);
}

function bytesOf(bytes: Buffer | null): Buffer[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value < 0 ? BigInt(value) * -2n - 1n : BigInt(value) * 2n);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
