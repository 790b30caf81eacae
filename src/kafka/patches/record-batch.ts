/**
 * kafkajs 2.2.4 decompresses a batch however large it becomes (kafkajs#1795) and copies a record's headers once for each of
 * them: 120 KB of gzip can be 120 MiB, and one record of 1 MiB can hold its event loop for hours. So record batches (format 2,
 * Kafka 0.11 and later) are read here instead, in one pass, and what is beyond all measure is cut while it is read; this file is
 * the part of `bounded-fetch.ts` that knows the bytes.
 */

import type { HeaderList } from '../../contracts/wire/header-text.ts';
import { defined } from '../../domain/defined.ts';
import type { Cut } from '../../ingress/ports.ts';

/** Set beyond what any producer of requests sends; what they bound is memory. */
export type BatchLimits = {
  /** A larger record is cut to its beginning. */
  readonly maxRecordBytes: number;
  /** Of all the records of a batch, after cutting. */
  readonly maxBatchBytes: number;
  readonly maxRecords: number;
};

/** A record as kafkajs's consumer knows it. */
export type BatchMessage = {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | readonly Buffer[]>>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
};

/** As a fetch brings it: in the format before Kafka 0.11, which knows no transactions, without context. */
export type FetchedMessage = Omit<BatchMessage, 'batchContext'> & Partial<Pick<BatchMessage, 'batchContext'>>;

const cuts = new WeakMap<object, Cut>();

/** What `message` was cut from, if it is one of those made here that were. */
export function cutOf(message: object): Cut | undefined {
  return cuts.get(message);
}

const lists = new WeakMap<object, HeaderList>();

/** The headers of `message` in order, where its `headers` do not tell it. */
export function headerListOf(message: object): HeaderList | undefined {
  return lists.get(message);
}

type BatchContext = ReturnType<typeof contextOf>;

/** What is kept of a batch. `bytes`: what they take. */
export type BatchContent = { readonly messages: readonly BatchMessage[]; readonly bytes: number };

export type BatchHeader = {
  /** 0: none, 1: gzip, 2: snappy, 3: lz4, 4: zstd. */
  readonly codec: number;
  readonly records: number;
  readonly context: BatchContext;
};

/** Bytes before the records. */
export const BATCH_HEADER_BYTES = 61;
/** Of a batch: bytes before those that its length counts. */
export const BATCH_LENGTH_AFTER = 12;
const CODEC_MASK = 0x07;
const [APPEND_TIME_MASK, TRANSACTIONAL_MASK, CONTROL_MASK] = [0x08, 0x10, 0x20];

export function readHeader(batch: Buffer): BatchHeader {
  return { codec: batch.readInt16BE(21) & CODEC_MASK, records: batch.readInt32BE(57), context: contextOf(batch) };
}

/** The fields that kafkajs leaves on each record, under its names. */
function contextOf(batch: Buffer) {
  const attributes = batch.readInt16BE(21);
  return {
    firstOffset: batch.readBigInt64BE(0).toString(),
    partitionLeaderEpoch: batch.readInt32BE(12),
    magicByte: batch.readInt8(16),
    lastOffsetDelta: batch.readInt32BE(23),
    firstTimestamp: batch.readBigInt64BE(27).toString(),
    maxTimestamp: batch.readBigInt64BE(35).toString(),
    producerId: batch.readBigInt64BE(43).toString(),
    producerEpoch: batch.readInt16BE(51),
    firstSequence: batch.readInt32BE(53),
    timestampType: (attributes & APPEND_TIME_MASK) > 0 ? 1 : 0,
    inTransaction: (attributes & TRANSACTIONAL_MASK) > 0,
    isControlBatch: (attributes & CONTROL_MASK) > 0,
  };
}

/**
 * The records of a batch out of its decompressed bytes, which may come in pieces of any size and are not kept.
 * @returns undefined if they are beyond `maxBatchBytes` even so.
 * @throws RangeError if the bytes are no records.
 */
export async function readRecords(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  { header, limits }: { readonly header: BatchHeader; readonly limits: BatchLimits },
): Promise<BatchContent | undefined> {
  const messages: BatchMessage[] = [];
  const splitter = createSplitter(limits.maxRecordBytes);
  let keptBytes = 0;
  for await (const piece of pieces) {
    for (const record of splitter.push(piece)) {
      keptBytes += record.bytes.length;
      if (keptBytes > limits.maxBatchBytes) return undefined;
      messages.push(messageOf(record, header.context));
      if (messages.length === header.records) return { messages, bytes: keptBytes };
    }
  }
  throw new RangeError(`a record batch ends after ${messages.length} of ${header.records} records`);
}

/** Stands for a batch that is beyond the limits: with the last of its offsets, so that the consumer goes on after it. */
export function messageForBatch({ context, records }: BatchHeader): BatchMessage {
  const { firstOffset, lastOffsetDelta, maxTimestamp } = context;
  const message = {
    magicByte: context.magicByte,
    attributes: 0,
    timestamp: maxTimestamp,
    offset: (BigInt(firstOffset) + BigInt(lastOffsetDelta)).toString(),
    key: null,
    value: Buffer.alloc(0),
    headers: {},
    isControlRecord: false,
    batchContext: context,
  };
  cuts.set(message, { kind: 'BATCH', records, firstOffset });
  return message;
}

/** `bytes` of a record, or its beginning; `length`: how long it is. */
type Piece = { readonly bytes: Buffer; readonly length: number };

/** Of a record that is cut, enough for what stands before its value and for a stub of that. */
const KEPT_OF_A_CUT_RECORD = 4 * 1024;
const MAX_VARINT_BYTES = 5;

/** Splits a stream into records by their lengths. Of one that is longer than `maxRecordBytes` only the beginning is kept. */
function createSplitter(maxRecordBytes: number): { push(piece: Buffer): Iterable<Piece> } {
  let prefix: number[] = [];
  let open: { readonly length: number; readonly wanted: number; readonly parts: Buffer[]; kept: number; seen: number } | undefined;

  function begin(byte: number): void {
    prefix.push(byte);
    if (byte >= 0x80 && prefix.length < MAX_VARINT_BYTES) return;
    const { value: length } = readVarint(Buffer.from(prefix), 0);
    if (length <= 0) throw new RangeError('a record has no length');
    open = { length, wanted: length > maxRecordBytes ? Math.min(length, KEPT_OF_A_CUT_RECORD) : length, parts: [], kept: 0, seen: 0 };
    prefix = [];
  }

  return {
    *push(piece) {
      for (let at = 0; at < piece.length;) {
        if (open === undefined) {
          begin(piece.readUInt8(at));
          at += 1;
          continue;
        }
        const taken = Math.min(piece.length - at, open.length - open.seen);
        const kept = Math.min(taken, open.wanted - open.kept);
        // A copy: a few bytes would keep a whole piece, of several MiB with some codecs.
        if (kept > 0) open.parts.push(Buffer.from(piece.subarray(at, at + kept)));
        open.kept += kept;
        open.seen += taken;
        at += taken;
        if (open.seen < open.length) continue;
        const [only] = open.parts;
        yield { bytes: open.parts.length === 1 && only ? only : Buffer.concat(open.parts), length: open.length };
        open = undefined;
      }
    },
  };
}

function messageOf({ bytes, length }: Piece, context: BatchContext): BatchMessage {
  const timestampDelta = readVarlong(bytes, 1);
  const offsetDelta = readVarint(bytes, timestampDelta.end);
  const common = {
    magicByte: context.magicByte,
    attributes: bytes.readInt8(0),
    timestamp: context.timestampType === 1 ? context.maxTimestamp : (BigInt(context.firstTimestamp) + timestampDelta.value).toString(),
    offset: (BigInt(context.firstOffset) + BigInt(offsetDelta.value)).toString(),
    isControlRecord: context.isControlBatch,
    batchContext: context,
  };
  if (bytes.length < length) {
    const { valueBytes, ...beginning } = beginningOf(bytes, offsetDelta.end);
    const message = { ...common, ...beginning };
    cuts.set(message, { kind: 'RECORD', bytes: length, ...defined({ valueBytes }) });
    return message;
  }
  const key = readBytes(bytes, offsetDelta.end);
  const value = readBytes(bytes, key.end);
  const list = readHeaders(bytes, value.end);
  const message = { ...common, key: key.value, value: value.value, headers: byName(list) };
  if (!isToldByName(list)) lists.set(message, list);
  return message;
}

type Beginning = Pick<BatchMessage, 'key' | 'value' | 'headers'> & { readonly valueBytes: number | undefined };

/** What is left of a record that was cut: its key if that is short, the beginning of its value, no headers. */
function beginningOf(bytes: Buffer, from: number): Beginning {
  const keyLength = readVarint(bytes, from);
  const keyEnd = keyLength.end + Math.max(0, keyLength.value);
  // Not null: that would be a tombstone.
  if (keyEnd + MAX_VARINT_BYTES > bytes.length) return { key: null, value: Buffer.alloc(0), headers: {}, valueBytes: undefined };
  const valueLength = readVarint(bytes, keyEnd);
  return {
    key: keyLength.value < 0 ? null : bytes.subarray(keyLength.end, keyEnd),
    value: bytes.subarray(valueLength.end, valueLength.end + Math.max(0, valueLength.value)),
    headers: {},
    valueBytes: Math.max(0, valueLength.value),
  };
}

function readHeaders(bytes: Buffer, from: number): HeaderList {
  const count = readVarint(bytes, from);
  const list: (readonly [string, Buffer | null])[] = [];
  let at = count.end;
  for (let index = 0; index < count.value; index += 1) {
    const name = readBytes(bytes, at);
    const value = readBytes(bytes, name.end);
    at = value.end;
    list.push([(name.value ?? '').toString(), value.value]);
  }
  return list;
}

function byName(list: HeaderList): BatchMessage['headers'] {
  const headers = new Map<string, Buffer[]>();
  for (const [name, value] of list) {
    const values = headers.get(name);
    // kafkajs cannot write a null value either: it is taken for an empty one.
    if (values) values.push(value ?? Buffer.alloc(0));
    else headers.set(name, [value ?? Buffer.alloc(0)]);
  }
  // `fromEntries` makes own properties whatever the names are.
  return Object.fromEntries([...headers].map(([name, values]) => [name, values.length === 1 && values[0] ? values[0] : values]));
}

/** Names that an object puts before all others. */
const ARRAY_INDEX = /^\d+$/;

/** Whether an object that holds the values of each name says all there is: same names stand together, and none is out of order. */
function isToldByName(list: HeaderList): boolean {
  const seen = new Set<string>();
  return list.every(([name, value], at) => {
    const isNew = !seen.has(name);
    seen.add(name);
    return value !== null && (isNew || list[at - 1]?.[0] === name) && !ARRAY_INDEX.test(name);
  });
}

function readBytes(bytes: Buffer, from: number): { readonly value: Buffer | null; readonly end: number } {
  const { value: length, end } = readVarint(bytes, from);
  if (length < 0) return { value: null, end };
  if (end + length > bytes.length) throw new RangeError('a field of a record is longer than the record');
  return { value: bytes.subarray(end, end + length), end: end + length };
}

function readVarint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let raw = 0;
  for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
    const byte = bytes.readUInt8(from + index);
    raw |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value: (raw >>> 1) ^ -(raw & 1), end: from + index + 1 };
  }
  throw new RangeError('a varint of a record is too long');
}

const MAX_VARLONG_BYTES = 10;

function readVarlong(bytes: Buffer, from: number): { readonly value: bigint; readonly end: number } {
  let raw = 0n;
  for (let index = 0; index < MAX_VARLONG_BYTES; index += 1) {
    const byte = bytes.readUInt8(from + index);
    raw |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n)), end: from + index + 1 };
  }
  throw new RangeError('a varlong of a record is too long');
}
