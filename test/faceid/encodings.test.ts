import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { classifyAnswer } from '../../src/faceid/classify-answer.ts';
import { answer, ANSWERED_AT, SENT_AT } from './support/answers.ts';
import { client, query, server } from './support/loopback.ts';

const BODY = Buffer.from(JSON.stringify(answer({ request_id: '1,ä' })));
const ACCEPTED = { kind: 'ANSWER', answer: { status: 'OK', liveness: { result: 'PASS' } } };

async function read(body: Uint8Array, headers: Readonly<Record<string, string>>, maxBodyBytes = 100_000) {
  const vendor = await server((socket) => {
    const lines = Object.entries({ ...headers, 'content-length': String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`), body]));
  });
  return client(vendor.baseUrl, { maxBodyBytes }).getResult(query());
}

test.each<[string, string, Uint8Array]>([
  ['gzip', 'gzip', gzipSync(BODY)],
  ['gzip in two members', 'GZIP', Buffer.concat([gzipSync(BODY.subarray(0, 40)), gzipSync(BODY.subarray(40))])],
  ['x-gzip', 'x-gzip', gzipSync(BODY)],
  ['deflate', 'deflate', deflateSync(BODY)],
  ['deflate without its header', 'deflate', deflateRawSync(BODY)],
  ['br', 'br', brotliCompressSync(BODY)],
  ['two layers', 'deflate, gzip', gzipSync(deflateSync(BODY))],
  ['gzip that nobody declared', 'identity', gzipSync(BODY)],
])('a body in %s is read, and a quirk says so', async (_name, encoding, body) => {
  const report = await read(body, { 'content-encoding': encoding });
  expect(report).toMatchObject(ACCEPTED);
  expect(report.kind === 'ANSWER' && report.answer.quirks).toContain('CONTENT_ENCODED');
});

test.each([
  ['gzip', 'declared but plain'],
  ['identity', 'identity'],
  ['zstd', 'a name nobody knows'],
  ['gzip, gzip, gzip, gzip', 'more layers than anybody applies'],
])('a plain body declared as %s is read as it is (%s)', async (encoding) => {
  const report = await read(BODY, { 'content-encoding': encoding });
  expect(report).toMatchObject(ACCEPTED);
  expect(report.kind === 'ANSWER' && report.answer.quirks).not.toContain('CONTENT_ENCODED');
});

test('a cut-off gzip is malformed', async () => {
  expect(await read(gzipSync(BODY).subarray(0, 60), { 'content-encoding': 'gzip' })).toMatchObject({ kind: 'MALFORMED' });
});

test.each<[string, Uint8Array]>([
  ['gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ['deflate', deflateSync(Buffer.alloc(64 * 1024 * 1024))],
  ['br', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
  ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)))],
])('a bomb in %s is not unpacked beyond the cap', async (encoding, bomb) => {
  const before = process.memoryUsage().rss;
  expect(await read(bomb, { 'content-encoding': encoding })).toMatchObject({ kind: 'UNCERTAIN', cause: 'BODY_TOO_LARGE', httpStatus: 200 });
  expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
});

function classify(body: Uint8Array, contentType?: string) {
  const parts = contentType === undefined ? {} : { contentType };
  return classifyAnswer({ httpStatus: 200, body, ...parts, sentAt: SENT_AT, answeredAt: ANSWERED_AT }, { expectedBizNo: '验1' });
}

const TEXT = JSON.stringify(answer({ biz_no: '验1' }));
const UTF16 = Buffer.from(TEXT, 'utf16le');
// "验1" in GBK; the rest is ASCII.
const GBK = Buffer.concat([
  Buffer.from(TEXT.split('验', 1).join('')),
  Buffer.from([0xd1, 0xe9]),
  Buffer.from(TEXT.split('验').slice(1).join('')),
]);

test.each<[string, Uint8Array, string | undefined, readonly string[]]>([
  ['UTF-8', Buffer.from(TEXT), undefined, []],
  ['UTF-8, declared', Buffer.from(TEXT), 'application/json; charset="UTF-8"', []],
  ['UTF-8, declared as Latin 1', Buffer.from(TEXT), 'application/json;charset=iso-8859-1', []],
  ['UTF-8, declared as something nobody knows', Buffer.from(TEXT), 'application/json; charset=klingon', []],
  ['GBK', GBK, 'application/json; charset=GBK', ['CHARSET_DECLARED']],
  ['GB18030', GBK, 'text/plain; charset=gb18030', ['CHARSET_DECLARED']],
  ['UTF-16, declared', UTF16, 'application/json; charset=utf-16le', ['CHARSET_DECLARED']],
  ['UTF-16 by its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), UTF16]), undefined, ['CHARSET_DECLARED']],
])('%s is understood', (_name, body, contentType, quirks) => {
  expect(classify(body, contentType)).toMatchObject({ kind: 'ANSWER', answer: { status: 'OK', bizNo: 'MATCHES', quirks } });
});

test('bytes of no charset are malformed', () => {
  expect(classify(GBK)).toMatchObject({ kind: 'MALFORMED' });
  expect(classify(Buffer.from([0x7b, 0xff, 0xfe]), 'application/json; charset=gbk')).toMatchObject({ kind: 'MALFORMED' });
});
