/**
 * Reads what a broker answers to a fetch within bounds that kafkajs 2.2.4 does not have: it decompresses whatever comes
 * (kafkajs#1795), and passes all records of an answer as arguments of one call, which ends the consumer for good once they are
 * a hundred thousand or so (kafkajs#1723). Both would meet the same batch again after every restart: the partition would stand
 * still for ever.
 */
import kafkajs from 'kafkajs';
import { decompressed, reasonOf, TooMuchOutputError } from './codecs.ts';
import { crc32c } from './crc32c.ts';
import { moduleOf, onlyOnce, replaceModule } from './internals.ts';
import {
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AFTER,
  type BatchContent,
  type BatchHeader,
  type BatchLimits,
  type BatchMessage,
  type FetchedMessage,
  messageForBatch,
  readHeader,
  readRecords,
} from './record-batch.ts';

const MIB = 1024 * 1024;
const KIB = 1024;

/**
 * What the records of one batch may take, decompressed. If they take more, those are cut that are too large to be a request
 * anyhow (its value is 256 KiB at most), so that the others need not suffer for them.
 */
const LIMITS: readonly BatchLimits[] = [
  { maxRecordBytes: 8 * MIB, maxBatchBytes: 32 * MIB, maxRecords: 100_000 },
  { maxRecordBytes: 512 * KIB, maxBatchBytes: 32 * MIB, maxRecords: 100_000 },
];

/** Of a set in the format before Kafka 0.11, which is not read piece by piece. */
const MAX_OLD_SET_BYTES = 32 * MIB;

/** So much of a partition is handed over at once; the batches behind it are fetched again. */
const ENOUGH = { bytes: 16 * MIB, records: 20_000 } as const;

/** kafkajs's own reader of an answer. */
type Decoder = { readonly buffer: Buffer; readonly offset: number; forward(bytes: number): unknown };
type DecodeMessages = (decoder: Decoder) => Promise<readonly FetchedMessage[]>;

/** What of kafkajs's decoded answer is looked at. */
type Answer = {
  readonly responses: readonly { readonly partitions: readonly { errorCode: number; readonly messages: readonly unknown[] }[] }[];
};

type Response = { parse: (answer: Answer) => Promise<unknown> };

/** Those that know transactions; kafkajs speaks 11 at most. */
const FETCH_VERSIONS = [4, 5, 6, 7, 8, 9, 10, 11] as const;

/** Errors of the protocol that concern the content of a partition, not where it is or who may read it. */
const BROKEN_PARTITION: ReadonlyMap<number, string> = new Map([
  [-1, 'the broker answers UNKNOWN_SERVER_ERROR'],
  [2, 'the broker answers CORRUPT_MESSAGE'],
  [76, 'the broker answers UNSUPPORTED_COMPRESSION_TYPE'],
]);

const { GZIP, Snappy, LZ4 } = kafkajs.CompressionTypes;
const [MAGIC_AT, CHECKSUM_AT, CHECKED_FROM] = [16, 17, 21];
const SIZE_BYTES = 4;

/** What a record set holds, as far as it was read. */
export type Reading = {
  readonly messages: readonly FetchedMessage[];
  /** After the last batch that was read, be it empty. Undefined: none was, or the format does not tell. */
  readonly nextOffset?: bigint;
  /** Why reading ended before its time. */
  readonly failure?: Failure;
};

/** `nextOffset`: after the batch that cannot be read, if that can be told. */
export type Failure = { readonly error: string; readonly nextOffset?: bigint };

const readings = new WeakMap<readonly unknown[], Reading>();

/** Of `messages` that kafkajs was given from here: how they were read. */
export function readingOf(messages: readonly unknown[]): Reading | undefined {
  return readings.get(messages);
}

/** Patches kafkajs for this process: fetches that are answered from now on are read within the bounds. */
export const boundFetches = onlyOnce(() => {
  replaceModule<DecodeMessages>('src/protocol/requests/fetch/v4/decodeMessages', {
    by: (original) => async (decoder) => {
      const reading = await readSet(decoder, original);
      // An array of its own for each answer, because it is known by its identity.
      const messages = [...reading.messages];
      readings.set(messages, reading);
      return messages;
    },
    usedBy: /\/protocol\/requests\/fetch\/v\d+\/response\.js$/,
  });
  for (const version of FETCH_VERSIONS) {
    const response = moduleOf<Response>(`src/protocol/requests/fetch/v${version}/response`, ['parse']);
    const { parse } = response;
    response.parse = async (answer) => await Reflect.apply(parse, response, [forgiving(answer)]);
  }
  // The format before Kafka 0.11 goes through kafkajs's codecs.
  const gzip = kafkajs.CompressionCodecs[GZIP]();
  kafkajs.CompressionCodecs[GZIP] = () => ({ ...gzip, decompress: async (bytes: Buffer) => await wholeOf(bytes, GZIP) });
  kafkajs.CompressionCodecs[Snappy] = () => ({ decompress: async (bytes: Buffer) => await wholeOf(bytes, Snappy) });
  kafkajs.CompressionCodecs[LZ4] = () => ({ decompress: async (bytes: Buffer) => await wholeOf(bytes, LZ4) });
});

/** kafkajs makes an error of one partition one of all: those of a batch on the broker's disk become a failure to read that partition. */
function forgiving(answer: Answer): Answer {
  for (const partition of answer.responses.flatMap(({ partitions }) => partitions)) {
    const error = BROKEN_PARTITION.get(partition.errorCode);
    if (error === undefined) continue;
    readings.set(partition.messages, { messages: [], failure: { error } });
    partition.errorCode = 0;
  }
  return answer;
}

async function wholeOf(bytes: Buffer, codec: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of decompressed(bytes, codec)) {
    length += piece.length;
    if (length > MAX_OLD_SET_BYTES) throw new TooMuchOutputError();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Never throws: an error here would be one of all partitions of the answer, and of the consumer. */
async function readSet(decoder: Decoder, original: DecodeMessages): Promise<Reading> {
  try {
    const bytes = messagesOf(decoder);
    const magic = bytes?.readInt8(MAGIC_AT) ?? 0;
    if (bytes === undefined || magic < 2) return { messages: await original(decoder) };
    decoder.forward(SIZE_BYTES + bytes.length);
    return await decodeBatches(bytes);
  } catch (error) {
    return { messages: [], failure: { error: reasonOf(error) } };
  }
}

/** The record set that begins where the decoder is. Undefined if it is empty or not there as a whole. */
function messagesOf({ buffer, offset }: Decoder): Buffer | undefined {
  if (buffer.length < offset + SIZE_BYTES) return undefined;
  const size = buffer.readInt32BE(offset);
  const bytes = buffer.subarray(offset + SIZE_BYTES, offset + SIZE_BYTES + Math.max(0, size));
  return bytes.length === size && size > MAGIC_AT ? bytes : undefined;
}

/** The batches of one partition, as far as they are there as a whole, can be read, and are not more than enough. */
export async function decodeBatches(bytes: Buffer): Promise<Reading> {
  const messages: BatchMessage[] = [];
  let taken = 0;
  let reading: Reading = { messages };
  for (let at = 0; at < bytes.length && taken < ENOUGH.bytes && messages.length < ENOUGH.records;) {
    const batch = batchAt(bytes, at);
    if (batch === undefined) {
      // A broker cuts its answer off where it is long enough, but never in the midst of its first batch (KIP-74).
      return at > 0 ? reading : { messages, failure: { error: 'the batch is shorter than it says' } };
    }
    const header = readHeader(batch);
    const nextOffset = BigInt(header.context.firstOffset) + BigInt(header.context.lastOffsetDelta) + 1n;
    try {
      const content = await decodeBatch(batch, header);
      for (const message of content.messages) messages.push(message);
      taken += content.bytes;
    } catch (error) {
      return { ...reading, failure: { error: reasonOf(error), nextOffset } };
    }
    reading = { messages, nextOffset };
    at += batch.length;
  }
  return reading;
}

function batchAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + BATCH_HEADER_BYTES > bytes.length) return undefined;
  const length = BATCH_LENGTH_AFTER + bytes.readInt32BE(at + 8);
  return length < BATCH_HEADER_BYTES || at + length > bytes.length ? undefined : bytes.subarray(at, at + length);
}

async function decodeBatch(batch: Buffer, header: BatchHeader): Promise<BatchContent> {
  const { magicByte } = header.context;
  if (magicByte !== 2) throw new Error(`record format ${magicByte} is not known`);
  // Without it a flipped bit could be somebody else's token.
  if (crc32c(batch.subarray(CHECKED_FROM)) !== batch.readUInt32BE(CHECKSUM_AT)) throw new Error('the checksum is wrong');
  // Compaction leaves batches without records.
  if (header.records <= 0) return { messages: [], bytes: 0 };
  const stub: BatchContent = { messages: [messageForBatch(header)], bytes: 0 };
  const records = batch.subarray(BATCH_HEADER_BYTES);
  for (const limits of LIMITS) {
    if (header.records > limits.maxRecords) return stub;
    try {
      const content = await readRecords(decompressed(records, header.codec), { header, limits });
      if (content) return content;
    } catch (error) {
      if (error instanceof TooMuchOutputError) return stub;
      throw error;
    }
  }
  return stub;
}
