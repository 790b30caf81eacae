import { connect, createServer } from 'node:net';
import fc from 'fast-check';
import { Agent } from 'undici';
import { expect, test, onTestFinished } from 'vitest';
import { createFaceIdClient } from '../../src/faceid/client.ts';
import { until } from '../support/until.ts';
import { httpAnswer, unusedPort } from './support/faulty-server.ts';
import { API_KEY, API_SECRET, client, expectNothingSecret, GOOD, query, server, TOKEN } from './support/loopback.ts';

test('rows 1 and 39: one GET with the token alone as index and every parameter as text', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const report = await client(vendor.baseUrl).getResult(query({ returnImage: 2, bizNo: 'order-1' }));
  expect(report).toMatchObject({ kind: 'ANSWER', answer: { status: 'OK', bizNo: 'ABSENT' } });
  const [requestLine = '', ...headers] = (vendor.requests[0] ?? '').split('\r\n');
  const [method, path] = requestLine.split(' ');
  const url = new URL(path ?? '', vendor.baseUrl);
  expect(method).toBe('GET');
  expect(url.pathname).toBe('/faceid/lite/raw/get_result');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    api_key: API_KEY,
    api_secret: API_SECRET,
    token: TOKEN,
    return_image: '2',
  });
  expect(headers.map((header) => header.toLowerCase())).toContain('accept-encoding: identity');
  expect(vendor.requests).toHaveLength(1);
});

test.each(['error_message', 'error', 'ERROR', 'message'])('row 37: DATA_DESTROYED under the key %s', async (key) => {
  const vendor = await server((socket) => socket.write(httpAnswer(403, JSON.stringify({ [key]: 'DATA_DESTROYED' }))));
  const report = await client(vendor.baseUrl).getResult(query());
  expect(report).toMatchObject({ kind: 'VENDOR_ERROR', error: 'DATA_DESTROYED', httpStatus: 403 });
});

test('a refused connection is proof that nothing was sent', async () => {
  const report = await client(`http://127.0.0.1:${await unusedPort()}/faceid`).getResult(query());
  expect(report).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  expectNothingSecret(report);
});

test('a host without an address is proof that nothing was sent', async () => {
  const report = await client('https://vendor.invalid/faceid').getResult(query());
  expect(report).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
});

test('a failed TLS handshake is proof that nothing was sent', async () => {
  const vendor = await server(() => undefined);
  const plain = vendor.baseUrl.replace('http:', 'https:');
  // The server takes the client hello for a request that never ends.
  expect(await client(plain, { timeoutMs: 300 }).getResult(query())).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  expect(vendor.requests).toHaveLength(0);
});

test('a TLS handshake answered with plain HTTP is proof that nothing was sent', async () => {
  const plainText = createServer((socket) => socket.on('error', () => socket.destroy()).end('HTTP/1.1 400 Bad\r\n\r\n'));
  await new Promise<void>((resolve) => plainText.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void plainText.close());
  const address = plainText.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const report = await client(`https://127.0.0.1:${port}/faceid`).getResult(query());
  expect(report).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
});

test('a connection that comes up after the deadline carries no request', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  let connectNow: (() => void) | undefined;
  const { port } = vendor;
  const dispatcher = new Agent({
    connect: (_options, callback) => {
      connectNow = () => {
        const socket = connect({ port, host: '127.0.0.1' }, () => callback(null, socket));
      };
    },
  });
  onTestFinished(() => dispatcher.destroy());
  const report = await client(vendor.baseUrl, { dispatcher, timeoutMs: 50 }).getResult(query());
  expect(report).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  connectNow?.();
  await until(() => vendor.connections() === 1, { timeoutMs: 2_000, everyMs: 5, what: 'the late connection' });
  await dispatcher.close();
  expect(vendor.requests).toHaveLength(0);
});

test('a read whose window has passed is not sent', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const reader = client(vendor.baseUrl, { now: () => 1_000_001 });
  expect(await reader.getResult(query({ notAfterMs: 1_000_000 }))).toEqual({
    kind: 'UNSENT',
    cause: 'WINDOW_PASSED',
    endedAt: '1970-01-01T00:16:40.001Z',
  });
  expect(vendor.connections()).toBe(0);
});

test('a window that passes while connecting stops the request before its first byte', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const instants = [1_000, 3_000];
  const reader = client(vendor.baseUrl, { now: () => instants.shift() ?? 3_000 });
  expect(await reader.getResult(query({ notAfterMs: 2_000 }))).toMatchObject({ kind: 'UNSENT', cause: 'WINDOW_PASSED' });
  await until(() => vendor.connections() === 1, { timeoutMs: 2_000, everyMs: 5, what: 'the connection' });
  expect(vendor.requests).toHaveLength(0);
});

test.each([
  ['before it connects, no connection is made', 1, 0],
  ['while it connects, the request is stopped before its first byte', 2, 1],
])('a read that the gate forbids %s', async (_name, atLook, connections) => {
  const vendor = await server((socket) => socket.write(GOOD));
  const gate = { sinceAt: '2026-01-05T10:00:00.000Z', by: 'jane', reason: 'the vendor asks to stop' };
  let looks = 0;
  // It opens again at once: what was stopped still says by whom.
  const forbidden = () => ((looks += 1) === atLook ? gate : undefined);
  const report = await client(vendor.baseUrl).getResult(query({ forbidden }));
  expect(report).toEqual({ kind: 'UNSENT', cause: 'GATE_CLOSED', endedAt: expect.any(String), gate });
  await until(() => vendor.connections() === connections, { timeoutMs: 2_000, everyMs: 5, what: 'the connection' });
  expect(vendor.requests).toHaveLength(0);
});

test('no read is sent whose answer may come when nobody waits for it any more, whatever the time and the time-out', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const instant = fc.integer({ min: 0, max: 10_000 });
  await fc.assert(
    fc.asyncProperty(instant, instant, fc.integer({ min: 2_000, max: 20_000 }), async (nowMs, answerByMs, timeoutMs) => {
      const before = vendor.requests.length;
      const reader = client(vendor.baseUrl, { now: () => nowMs, timeoutMs });
      const report = await reader.getResult(query({ answerByMs }));
      const isInTime = nowMs + timeoutMs <= answerByMs;
      expect(report).toMatchObject(isInTime ? { kind: 'ANSWER' } : { kind: 'UNSENT', cause: 'OUT_OF_TIME' });
      expect(vendor.requests.length - before).toBe(Number(isInTime));
    }),
    {
      numRuns: 60,
      examples: [
        [0, 2_000, 2_000],
        [1, 2_000, 2_000],
      ],
    },
  );
});

test('a request sent at the last instant of the window is allowed', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const report = await client(vendor.baseUrl, { now: () => 2_000 }).getResult(query({ notAfterMs: 2_000 }));
  expect(report).toMatchObject({ kind: 'ANSWER', sentAt: '1970-01-01T00:00:02.000Z' });
});

test('a connection that the vendor keeps alive is not used again', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const reader = client(vendor.baseUrl);
  for (let n = 0; n < 3; n += 1) expect(await reader.getResult(query())).toMatchObject({ kind: 'ANSWER' });
  expect(vendor.connections()).toBe(3);
  expect(vendor.requests.map((request) => /^connection: (.*)$/im.exec(request)?.[1])).toEqual(['close', 'close', 'close']);
});

test('reads at the same time never share a connection', async () => {
  const vendor = await server((socket) => setTimeout(() => socket.write(GOOD), 30));
  const reader = client(vendor.baseUrl);
  const reports = await Promise.all([1, 2, 3].map(() => reader.getResult(query())));
  expect(reports.map(({ kind }) => kind)).toEqual(['ANSWER', 'ANSWER', 'ANSWER']);
  expect(vendor.connections()).toBe(3);
});

test('a closed client sends nothing and says so', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const reader = createFaceIdClient({ baseUrl: vendor.baseUrl, apiKey: API_KEY, apiSecret: API_SECRET, timeoutMs: 1_000 });
  await reader.close();
  expect(await reader.getResult(query())).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
});

test('row 42: a plain-HTTP vendor is refused, and the error quotes neither URL nor secret', () => {
  const options = { baseUrl: 'http://u:pw9@vendor.example/faceid', apiKey: API_KEY, apiSecret: API_SECRET, timeoutMs: 1_000 };
  let message = '';
  try {
    createFaceIdClient(options);
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('VF_FACEID_BASE_URL is plain HTTP');
  expectNothingSecret(message);
  expect(message).not.toContain('pw9');
});

test('any kind of report is plain data', async () => {
  const vendor = await server((socket) => socket.write(GOOD));
  const report = await client(vendor.baseUrl).getResult(query());
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});
