import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundFetches, decodeBatches, readingOf } from '../../src/kafka/patches/bounded-fetch.ts';
import { committedOf } from '../../src/kafka/patches/fetch-answers.ts';
import { encodeBatch, encodeFetchResponse } from './support/batches.ts';

const WRITERS = 4;
type Step = { readonly writer: number; readonly act: 'send' | 'end'; readonly isKept: boolean; readonly isOddKey: boolean };
type Aborted = { readonly producerId: string; readonly firstOffset: string; readonly lastOffset: bigint };

/** The key of every marker that aborts a transaction. */
const ABORT_KEY = Buffer.alloc(4);
const COMMIT_KEY = Buffer.from([0, 0, 0, 1]);

/** A partition as brokers keep it: batches, and aborted transactions in the order in which they ended. */
function partitionOf(steps: readonly Step[]) {
  const batches: Buffer[] = [];
  const aborted: Aborted[] = [];
  const wanted: bigint[] = [];
  const open = new Map<number, { first: bigint; offsets: bigint[] }>();
  let offset = 0n;
  const append = (records: Parameters<typeof encodeBatch>[0], options: Parameters<typeof encodeBatch>[1]): void => {
    batches.push(encodeBatch(records, { ...options, firstOffset: offset }));
    offset += BigInt(records.length);
  };
  const end = (writer: number, isKept: boolean): void => {
    const ended = open.get(writer);
    if (!ended) return;
    open.delete(writer);
    if (isKept) wanted.push(...ended.offsets);
    else aborted.push({ producerId: String(writer), firstOffset: String(ended.first), lastOffset: offset });
    append([{ key: isKept ? COMMIT_KEY : ABORT_KEY }], { transaction: { producerId: BigInt(writer), isMarker: true } });
  };
  for (const { writer, act, isKept, isOddKey } of steps) {
    if (act === 'end') {
      end(writer, isKept);
      continue;
    }
    const offsets = [offset, offset + 1n];
    // Writer 0 writes outside of transactions.
    if (writer === 0) wanted.push(...offsets);
    else {
      const current = open.get(writer) ?? { first: offset, offsets: [] };
      current.offsets.push(...offsets);
      open.set(writer, current);
    }
    const record = { key: isOddKey ? ABORT_KEY : null, value: Buffer.from('x') };
    append([record, record], writer === 0 ? {} : { transaction: { producerId: BigInt(writer) }, codec: isOddKey ? 'lz4' : 'none' });
  }
  for (let writer = 1; writer < WRITERS; writer += 1) end(writer, writer % 2 === 0);
  return { batches, aborted, wanted: wanted.toSorted((a, b) => Number(a - b)), end: offset };
}

const step = fc.record({
  writer: fc.nat(WRITERS - 1),
  act: fc.constantFrom<Step['act']>('send', 'send', 'end'),
  isKept: fc.boolean(),
  isOddKey: fc.boolean(),
});

describe('of transactions', () => {
  it('what was committed comes through and nothing else, wherever reading begins and however they overlap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(1000), async (steps, where) => {
        const { batches, aborted, wanted, end } = partitionOf(steps);
        const from = where % (Number(end) + 1);
        // A broker begins with the batch that holds the position, and tells of the transactions that reach beyond it.
        const first = batches.findLastIndex((batch) => batch.readBigInt64BE(0) <= BigInt(from));
        const told = aborted.filter(({ lastOffset }) => lastOffset >= BigInt(from));
        const { messages } = await decodeBatches(Buffer.concat(batches.slice(Math.max(0, first))));
        const seen = committedOf(messages, told).map(({ offset }) => BigInt(offset));
        expect(seen.filter((offset) => offset >= BigInt(from))).toEqual(wanted.filter((offset) => offset >= BigInt(from)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('offsets without a record', () => {
  it('are behind what was read: of a batch that compaction emptied, or took the last records of', async () => {
    const emptied = encodeBatch([], { firstOffset: 10n, lastOffsetDelta: 4 });
    const shortened = encodeBatch([{ value: Buffer.from('a') }], { firstOffset: 15n, lastOffsetDelta: 9 });
    expect(await decodeBatches(emptied)).toEqual({ messages: [], nextOffset: 15n });
    const { messages, nextOffset } = await decodeBatches(Buffer.concat([emptied, shortened]));
    expect([messages.map(({ offset }) => offset), nextOffset]).toEqual([['15'], 25n]);
  });
});

type Decoded = { readonly responses: { readonly partitions: { readonly messages: readonly object[] }[] }[] };

/** kafkajs's way from the bytes of an answer to what it works on. */
async function answered(errorCode: number): Promise<readonly object[]> {
  boundFetches();
  const fetch: { protocol(v: { version: number }): (request: object) => { response: Response } } = createRequire(import.meta.url)(
    'kafkajs/src/protocol/requests/fetch',
  );
  const { response } = fetch.protocol({ version: 11 })({ topics: [], maxWaitTime: 1 });
  const answer = await response.parse(await response.decode(encodeFetchResponse(Buffer.alloc(0), { errorCode })));
  return answer.responses[0]?.partitions[0]?.messages ?? [];
}

type Response = { decode(raw: Buffer): Promise<Decoded>; parse(decoded: Decoded): Promise<Decoded> };

describe('an error that a broker answers for one partition', () => {
  it.each([
    ['UNKNOWN_SERVER_ERROR', -1],
    ['CORRUPT_MESSAGE', 2],
    ['UNSUPPORTED_COMPRESSION_TYPE', 76],
  ])('is one of that partition alone if it concerns what lies there: %s', async (name, code) => {
    expect(readingOf(await answered(code))?.failure).toEqual({ error: `the broker answers ${name}` });
  });

  it.each([
    ['NOT_LEADER_FOR_PARTITION', 6],
    ['TOPIC_AUTHORIZATION_FAILED', 29],
  ])('is left to kafkajs otherwise: %s', async (type, code) => {
    await expect(answered(code)).rejects.toMatchObject({ type });
  });
});
