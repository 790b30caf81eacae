import { gzipSync } from 'node:zlib';

export type PlainRecord = {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly (readonly [string, Buffer])[];
  readonly timestampDelta?: number;
  /** Default: its place in the batch. */
  readonly offsetDelta?: number;
};

export type BatchOptions = {
  readonly firstOffset?: bigint;
  readonly gzip?: boolean;
  /** LogAppendTime. */
  readonly appendTime?: boolean;
  /** Another codec than the one that was used. */
  readonly codec?: number;
};

export const FIRST_TIMESTAMP = 1_700_000_000_000n;
export const MAX_TIMESTAMP = 1_700_000_123_456n;

/** A record batch of format 2 as a broker sends it; the checksum, which kafkajs does not look at, is 0. */
export function encodeBatch(records: readonly PlainRecord[], options: BatchOptions = {}): Buffer {
  const { firstOffset = 0n, gzip = false, appendTime = false, codec = gzip ? 1 : 0 } = options;
  const plain = Buffer.concat(records.map(encodeRecord));
  const body = gzip ? gzipSync(plain) : plain;
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(firstOffset, 0);
  header.writeInt32BE(49 + body.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(codec | (appendTime ? 8 : 0), 21);
  header.writeInt32BE(records.at(-1)?.offsetDelta ?? records.length - 1, 23);
  header.writeBigInt64BE(FIRST_TIMESTAMP, 27);
  header.writeBigInt64BE(MAX_TIMESTAMP, 35);
  header.writeBigInt64BE(-1n, 43);
  header.writeInt16BE(-1, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(records.length, 57);
  return Buffer.concat([header, body]);
}

/** A Fetch response of version 11 with one partition, whose record set holds `batches`. */
export function encodeFetchResponse(topic: string, batches: Buffer): Buffer {
  const int = (bytes: 2 | 4 | 8, value: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, Math.max(0, bytes - 6), Math.min(6, bytes));
    if (bytes === 8 && value < 0) buffer.fill(0xff, 0, 2);
    return buffer;
  };
  const name = Buffer.from(topic);
  const partition = [int(4, 0), int(2, 0), int(8, 99), int(8, 99), int(8, 0), int(4, 0), int(4, -1), int(4, batches.length), batches];
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
