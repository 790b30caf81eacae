import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIRST_BYTES, GrowingBuffer } from '../../src/faceid/exchange.ts';
import { classifyAnswer } from '../../src/faceid/classify-answer.ts';
import { ANSWERED_AT, SENT_AT } from './support/answers.ts';
import { until } from '../support/until.ts';
import { client, query, server } from './support/loopback.ts';

const CAP = 1024 * 1024;
/** What the parser may hold the event loop up for. Processor time, so that a busy machine does not fail it. */
const MOST_MS = 50;

/** `before`, as many `units` as fit into the cap, `after`. */
function filled(unit: (index: number) => string, [before, after]: readonly [string, string], most = Number.POSITIVE_INFINITY): string {
  const parts = [before];
  for (let index = 0, length = before.length; index < most; index += 1) {
    const next = unit(index);
    length += next.length;
    if (length + after.length > CAP) break;
    parts.push(next);
  }
  return [...parts, after].join('');
}

const OBJECT = ['{"status":"OK",', '"z":1}'] as const;
const STRING = ['{"status":"OK","z":"', '"}'] as const;

const BODIES: readonly (readonly [name: string, body: string])[] = [
  ['distinct keys', filled((index) => `"k${index}":${index},`, OBJECT)],
  ['one key again and again', filled(() => '"k":1,', OBJECT)],
  ['empty objects', filled(() => '{},', ['{"z":[', '0]}'])],
  ['brackets', `{"z":${'['.repeat(CAP / 2 - 9)}${']'.repeat(CAP / 2 - 9)}}`],
  ['a long number', filled(() => '9'.repeat(1000), ['{"status":"OK","z":', '}'])],
  ['a long fraction', filled(() => '9'.repeat(1000), ['{"status":"OK","z":0.', '}'])],
  ['a long business number', filled(() => '9'.repeat(1000), ['{"status":"OK","biz_no":', '}'])],
  ['a long text', filled(() => 'x'.repeat(1000), STRING)],
  ['escapes', filled(() => String.raw`\u0041`.repeat(100), STRING)],
  ['escaped quotes', filled(() => String.raw`\"`.repeat(100), STRING)],
  ['backslashes', filled(() => String.raw`\\`.repeat(100), STRING)],
  ['white space', filled(() => ' '.repeat(1000), OBJECT)],
  ['a long key', filled(() => 'aB'.repeat(500), ['{"status":"OK","', '":1}'])],
  ['a long error', filled(() => 'A '.repeat(500), ['{"error_message":"', '"}'])],
  ['words of a result behind one quote', filled(() => 'status'.repeat(100), [String.raw`{"error_message":"BAD_ARGUMENTS","z":"\"`, '"}'])],
  ['names of attacks with numbers', filled((index) => `"mask_${'q'.repeat(200)}${index}":0.1,`, OBJECT, 900)],
  ['texts about attacks', filled((index) => `"k${index}":"${'no attack '.repeat(25)}",`, OBJECT, 900)],
  ['issue counts', filled((index) => `"K${index}":1,`, ['{"status":"OK","liveness_result":{"result":"PASS","details":{', '"Z":1}}}'], 900)],
  [
    'repetition inside repetition',
    Array.from({ length: 28 }).reduce<string>((inner) => `{"a":1,"a":${inner}}`, `"${'x'.repeat(CAP - 999)}"`),
  ],
];

describe.each(BODIES)('a body of %s, within the cap', (_name, text) => {
  const body = Buffer.from(text);

  test.each([200, 400, 502])(`is dealt with in less than ${MOST_MS} ms as an answer of HTTP %i`, (httpStatus) => {
    expect(body.length).toBeLessThanOrEqual(CAP);
    const tookMs = Array.from({ length: 3 }, () => {
      const before = process.cpuUsage();
      classifyAnswer({ httpStatus, body, sentAt: SENT_AT, answeredAt: ANSWERED_AT }, { expectedBizNo: '1' });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    expect(Math.min(...tookMs)).toBeLessThan(MOST_MS);
  });
});

test('an answer of a thousand and one parts is none of the vendor’s', () => {
  const body = (parts: number): Buffer => Buffer.from(`{"status":"OK","z":[${Array.from({ length: parts }, () => '1').join()}]}`);
  const kind = (parts: number): string =>
    classifyAnswer({ httpStatus: 200, body: body(parts), sentAt: SENT_AT, answeredAt: ANSWERED_AT }, { expectedBizNo: undefined }).kind;
  expect([kind(900), kind(1_100)]).toEqual(['ANSWER', 'MALFORMED']);
});

test('more than 1 MiB is not read, unless it is asked for', async () => {
  const large = `{"status":"PROCESSING","z":"${'x'.repeat(CAP)}"}`;
  const vendor = await server((socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${large.length}\r\n\r\n${large}`));
  expect(await client(vendor.baseUrl).getResult(query())).toMatchObject({ kind: 'UNCERTAIN', cause: 'BODY_TOO_LARGE' });
  expect(await client(vendor.baseUrl, { maxBodyBytes: 2 * CAP }).getResult(query())).toMatchObject({ kind: 'ANSWER' });
});

test('bodies of several reads share the memory there is; what finds no room is too large, and what was taken comes back', async () => {
  const large = `{"status":"PROCESSING","z":"${'x'.repeat(CAP / 2)}"}`;
  const waiting: Socket[] = [];
  const vendor = await server((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${large.length}\r\n\r\n${large.slice(0, -1)}`);
    waiting.push(socket);
  });
  const { getResult } = client(vendor.baseUrl, { maxBytesUnderWay: CAP });
  const first = getResult(query());
  await until(() => waiting.length === 1, { timeoutMs: 5_000, what: 'the first body' });
  expect(await getResult(query())).toMatchObject({ kind: 'UNCERTAIN', cause: 'BODY_TOO_LARGE' });
  waiting[0]?.write(large.slice(-1));
  expect(await first).toMatchObject({ kind: 'ANSWER' });
  const last = getResult(query());
  await until(() => waiting.length === 3, { timeoutMs: 5_000, what: 'the last body' });
  waiting[2]?.write(large.slice(-1));
  expect(await last).toMatchObject({ kind: 'ANSWER' });
});

test('what a compressed body becomes takes its share of the memory, too: bombs at once take no more together', async () => {
  const bomb = gzipSync(Buffer.concat([Buffer.from('{"z":"'), Buffer.alloc(CAP - 100, 'x'), Buffer.from('"}')]));
  const vendor = await server((socket) =>
    socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`), bomb])),
  );
  const { getResult } = client(vendor.baseUrl, { maxBytesUnderWay: CAP / 2 });
  const reports = await Promise.all(Array.from({ length: 8 }, async () => await getResult(query())));
  expect(reports.map(({ kind }) => kind)).toEqual(Array.from({ length: 8 }, () => 'UNCERTAIN'));
  const roomy = client(vendor.baseUrl, { maxBytesUnderWay: 2 * CAP });
  for (let again = 0; again < 3; again += 1) expect(await roomy.getResult(query())).toMatchObject({ kind: 'ANSWER' });
});

test('a body in a hundred thousand pieces is read as one', async () => {
  const pieces = 100_000;
  const vendor = await server((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n14\r\n{"status":"OK","z":"\r\n`);
    socket.write('1\r\nx\r\n'.repeat(pieces));
    socket.write('2\r\n"}\r\n0\r\n\r\n');
  });
  expect(await client(vendor.baseUrl).getResult(query())).toMatchObject({ kind: 'ANSWER' });
});

test('a body takes at most twice the memory of its bytes, and never more than the cap, whatever pieces it comes in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3 * FIRST_BYTES }), { maxLength: 40 }), fc.nat({ max: CAP }), (sizes, cap) => {
      const body = new GrowingBuffer(cap);
      const kept = sizes.map((size, index) => Buffer.alloc(size, index)).filter((piece) => body.append(piece));
      const taken = body.take();
      expect(taken.equals(Buffer.concat(kept))).toBe(true);
      expect(taken.buffer.byteLength).toBeLessThanOrEqual(Math.min(cap, Math.max(2 * taken.length, FIRST_BYTES)));
    }),
  );
  const pieces = new GrowingBuffer(CAP);
  for (let index = 0; index < 100_000; index += 1) pieces.append(Buffer.from('x'));
  expect(pieces.take().buffer.byteLength).toBeLessThanOrEqual(200_000);
});
