import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { judge } from '../../src/domain/judging/judge.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { until } from '../support/until.ts';
import { answer } from './support/answers.ts';
import { httpAnswer } from './support/faulty-server.ts';
import { client, GOOD, query, server } from './support/loopback.ts';

const PASS = httpAnswer(200, JSON.stringify(answer()));
const FAIL = httpAnswer(200, JSON.stringify(answer({ liveness_result: { result: 'FAIL' } })));

function verdictOf(report: ReadReport): string {
  if (report.kind !== 'ANSWER') return report.kind;
  const judgement = judge(report.answer, { comparisons: [], requiredFar: '1e-4' });
  return judgement.kind === 'VERDICT' ? judgement.verdict.outcome : judgement.kind;
}

test('a second, unasked copy of one answer never becomes the answer to the next read', async () => {
  const vendor = await server((socket, n) => {
    if (n > 1) {
      setTimeout(() => socket.write(FAIL), 50);
      return;
    }
    socket.write(PASS);
    // Arrives while the next request is out, if that uses the same connection.
    setTimeout(() => !socket.destroyed && socket.write(PASS), 20);
  });
  const reader = client(vendor.baseUrl);
  expect(verdictOf(await reader.getResult(query()))).toBe('PASSED');
  expect(verdictOf(await reader.getResult(query()))).toBe('FAILED');
  expect(vendor.connections()).toBe(2);
});

test('two answers to one request are no answer: nobody knows which one it is', async () => {
  const vendor = await server((socket) => socket.write(`${PASS}${FAIL}`));
  expect(await client(vendor.baseUrl).getResult(query())).toMatchObject({ kind: 'UNCERTAIN', cause: 'UNREADABLE_ERROR', httpStatus: 200 });
});

test.each([
  ['a length that is too short', PASS.replace(/content-length: (\d+)/, (_all, length: string) => `content-length: ${Number(length) - 9}`)],
  ['a length of nothing', PASS.replace(/content-length: \d+/, 'content-length: 0')],
  ['two lengths', PASS.replace('content-length', 'content-length: 3\r\ncontent-length')],
  ['a length beside chunks', PASS.replace('content-length', 'transfer-encoding: chunked\r\ncontent-length')],
])('%s spoils its own read and no other', async (_name, spoilt) => {
  const vendor = await server((socket, n) => socket.write(n === 1 ? spoilt : FAIL));
  const reader = client(vendor.baseUrl);
  expect((await reader.getResult(query())).kind).toBe('UNCERTAIN');
  expect(verdictOf(await reader.getResult(query()))).toBe('FAILED');
});

test('a length that is too long costs its own read alone', async () => {
  const long = PASS.replace(/content-length: (\d+)/, (_all, length: string) => `content-length: ${Number(length) + 9}`);
  const vendor = await server((socket, n) => (n === 1 ? socket.end(long) : socket.write(FAIL)));
  const reader = client(vendor.baseUrl);
  expect(await reader.getResult(query())).toMatchObject({ kind: 'UNCERTAIN', cause: 'CONNECTION_LOST' });
  expect(verdictOf(await reader.getResult(query()))).toBe('FAILED');
});

test('white space after an answer is no second answer', async () => {
  const vendor = await server((socket) => socket.write(`${GOOD}\r\n`));
  expect(await client(vendor.baseUrl).getResult(query())).toMatchObject({ kind: 'ANSWER' });
});

test.each([
  ['at once', (socket: Socket) => void socket.write(PASS)],
  // Its timers run before its sockets are read: the time to listen is over before anything could be heard.
  ['to a busy process', (socket: Socket) => void setImmediate(() => writeAndBlock(socket))],
  // It comes between the last look at the sockets and the first byte of the request.
  ['to a process that is busy once more', (socket: Socket) => void setImmediate(() => blockTwice(socket))],
])(
  'an answer that comes before the question (%s) is none: the connection is given up, and no request is sent',
  async (_to, onConnection) => {
    const vendor = await server(() => undefined, { onConnection });
    expect(await client(vendor.baseUrl).getResult(query())).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
    expect(vendor.requests).toHaveLength(0);
    // undici alone would have connected again and again until the deadline.
    expect(vendor.connections()).toBe(1);
  },
);

test.each([1, 40])('an answer that came while the process stood still is not late (%i bodies of 64 KiB long)', async (parts) => {
  const long = httpAnswer(200, JSON.stringify(answer({ image_best: 'A'.repeat(parts * 64 * 1024) })));
  const vendor = await server((socket) => {
    socket.write(long);
    // The deadline is the first thing that the process finds when it goes on.
    setImmediate(() => block(400));
  });
  const reader = client(vendor.baseUrl, { timeoutMs: 200, maxBodyBytes: 8 * 1024 * 1024 });
  expect(verdictOf(await reader.getResult(query()))).toBe('PASSED');
});

test('a request that was not sent before its time was over never is, however long the process stood still', async () => {
  const vendor = await server(() => undefined, { onConnection: () => setImmediate(() => block(100)) });
  const reader = client(vendor.baseUrl, { timeoutMs: 50 });
  expect(await reader.getResult(query())).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  await reader.close();
  expect(vendor.requests).toHaveLength(0);
});

function writeAndBlock(socket: Socket): void {
  socket.write(PASS);
  block(30);
}

function blockTwice(socket: Socket): void {
  block(10);
  setImmediate(() => writeAndBlock(socket));
}

function block(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}

test('many reads at once, each with its own answer and connection', async () => {
  const vendor = await server((socket, n) => {
    const body = JSON.stringify(answer({ request_id: `1,${n}` }));
    setTimeout(() => socket.write(httpAnswer(200, body)), (n * 7) % 30);
  });
  const reader = client(vendor.baseUrl);
  const reports = await Promise.all(Array.from({ length: 50 }, () => reader.getResult(query())));
  expect(reports.every(({ kind }) => kind === 'ANSWER')).toBe(true);
  expect(new Set(reports.map((report) => JSON.stringify(report.kind === 'ANSWER' && report.answer.vendorRequestIds))).size).toBe(50);
  expect(vendor.connections()).toBe(50);
});

test('closing waits for the reads in flight', async () => {
  const vendor = await server((socket) => setTimeout(() => socket.write(GOOD), 60));
  const reader = client(vendor.baseUrl);
  const report = reader.getResult(query());
  await until(() => vendor.connections() === 1, { timeoutMs: 5_000, what: 'the read is under way' });
  await reader.close();
  expect(await Promise.race([report, Promise.resolve('still reading')])).toMatchObject({ kind: 'ANSWER' });
});
