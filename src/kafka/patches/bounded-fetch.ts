/**
 * Reads what a broker answers to a fetch within bounds that kafkajs 2.2.4 does not have: it decompresses whatever comes
 * (kafkajs#1795), and passes all records of an answer as arguments of one call, which ends the consumer for good once they are
 * a hundred thousand or so (kafkajs#1723). Both would meet the same batch again after every restart: the partition would stand
 * still for ever.
 */
import { promisify } from 'node:util';
import { createUnzip, unzip } from 'node:zlib';
import kafkajs from 'kafkajs';
import { onlyOnce, replaceModule } from './internals.ts';
import {
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AFTER,
  type BatchContent,
  type BatchLimits,
  type BatchMessage,
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

/** So much of a partition is handed over at once; the batches behind it are fetched again. */
const ENOUGH = { bytes: 16 * MIB, records: 20_000 } as const;

/** kafkajs's own reader of an answer. */
type Decoder = { readonly buffer: Buffer; readonly offset: number; forward(bytes: number): unknown };
type DecodeMessages = (decoder: Decoder) => Promise<readonly unknown[]>;

const GZIP = kafkajs.CompressionTypes.GZIP;
const MAGIC_AT = 16;
const SIZE_BYTES = 4;

/** Patches kafkajs for this process: fetches that are answered from now on are read within the bounds. */
export const boundFetches = onlyOnce(() => {
  replaceModule<DecodeMessages>('src/protocol/requests/fetch/v4/decodeMessages', {
    by: (original) => async (decoder) => {
      const bytes = messagesOf(decoder);
      if (bytes === undefined || bytes.readInt8(MAGIC_AT) !== 2) return await original(decoder);
      decoder.forward(SIZE_BYTES + bytes.length);
      return await decodeBatches(bytes);
    },
    usedBy: /\/protocol\/requests\/fetch\/v\d+\/response\.js$/,
  });
  // The format before Kafka 0.11 goes through kafkajs's codec: a set that is too large ends the fetch, visibly.
  const inflate = promisify(unzip);
  const original = kafkajs.CompressionCodecs[GZIP]();
  kafkajs.CompressionCodecs[GZIP] = () => ({
    ...original,
    decompress: async (buffer: Buffer) => await inflate(buffer, { maxOutputLength: 32 * MIB }),
  });
});

/** The record set that begins where the decoder is. Undefined if it is empty or not there as a whole. */
function messagesOf({ buffer, offset }: Decoder): Buffer | undefined {
  if (buffer.length < offset + SIZE_BYTES) return undefined;
  const size = buffer.readInt32BE(offset);
  const bytes = buffer.subarray(offset + SIZE_BYTES, offset + SIZE_BYTES + Math.max(0, size));
  return bytes.length === size && size > MAGIC_AT ? bytes : undefined;
}

/** The batches of one partition, as far as they are there as a whole and not more than enough. */
export async function decodeBatches(bytes: Buffer): Promise<readonly BatchMessage[]> {
  const messages: BatchMessage[] = [];
  let taken = 0;
  for (let at = 0; at + BATCH_HEADER_BYTES <= bytes.length && taken < ENOUGH.bytes && messages.length < ENOUGH.records;) {
    const end = at + BATCH_LENGTH_AFTER + bytes.readInt32BE(at + 8);
    // A broker cuts its answer off where it is long enough, in the midst of a batch.
    if (end > bytes.length) break;
    const content = await decodeBatch(bytes.subarray(at, end));
    for (const message of content.messages) messages.push(message);
    taken += content.bytes;
    at = end;
  }
  return messages;
}

async function decodeBatch(batch: Buffer): Promise<BatchContent> {
  const header = readHeader(batch);
  // Compaction leaves batches without records.
  if (header.records <= 0) return { messages: [], bytes: 0 };
  const records = batch.subarray(BATCH_HEADER_BYTES);
  for (const limits of LIMITS) {
    if (header.records > limits.maxRecords) break;
    const content = await readRecords(await piecesOf(records, header.codec), { header, limits });
    if (content) return content;
  }
  return { messages: [messageForBatch(header)], bytes: 0 };
}

async function piecesOf(records: Buffer, codec: number): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> {
  if (codec === 0) return [records];
  // Throws kafkajs's own error, which names the codec, unless somebody has registered one.
  if (codec === 2 || codec === 3 || codec === 4) return [await kafkajs.CompressionCodecs[codec]().decompress(records)];
  const inflating = createUnzip({ chunkSize: 64 * KIB });
  inflating.end(records);
  return inflating;
}
