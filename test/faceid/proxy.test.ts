import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { unusedPort } from './support/faulty-server.ts';
import { client, expectNothingSecret, query, server } from './support/loopback.ts';

// What goes through a tunnel that stands is tested in test/conformance/proxy.integration.test.ts.

const VENDOR = 'https://vendor.test/faceid';
const PASSWORD = 'Basic cHJveHk6cGFzcw==';

const ANSWERS: readonly (readonly [what: string, answer: (socket: Socket) => void])[] = [
  ['asks for other credentials', (socket) => socket.end('HTTP/1.1 407 No\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n')],
  ['forbids it', (socket) => socket.write('HTTP/1.1 403 No\r\ncontent-length: 6\r\n\r\nno way')],
  ['does not reach the vendor', (socket) => socket.end('HTTP/1.1 502 No\r\n\r\n')],
  ['answers what is no tunnel', (socket) => socket.end('HTTP/1.1 204 No\r\n\r\n')],
  ['is no HTTP server', (socket) => socket.end('SSH-2.0-x\r\n')],
  ['closes', (socket) => socket.end()],
  ['resets', (socket) => socket.resetAndDestroy()],
  ['says nothing', () => undefined],
  ['opens a tunnel to nobody', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')],
  ['opens a tunnel to somebody who speaks no TLS', (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n')],
  ['opens a tunnel to somebody who is silent', (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n')],
];

test.each(ANSWERS)('a proxy that %s: nothing of the read has left, and the proxy was asked once', async (_what, answer) => {
  const proxy = await server(answer);
  const origin = `http://127.0.0.1:${proxy.port}`;
  const reader = client(VENDOR, { timeoutMs: 1_000, proxy: { origin, authorization: PASSWORD } });
  const report = await reader.getResult(query());
  expect(report).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  expectNothingSecret(report);
  expect(proxy.requests).toHaveLength(1);
  expect(proxy.requests[0]).toMatch(/^CONNECT vendor\.test:443 HTTP\/1\.1\r\n/);
  expect(proxy.requests[0]).toContain(`proxy-authorization: ${PASSWORD}`);
  expectNothingSecret(proxy.requests);
});

test('a proxy that is away: nothing of the read has left', async () => {
  const reader = client(VENDOR, { proxy: { origin: `http://127.0.0.1:${await unusedPort()}` } });
  expect(await reader.getResult(query())).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
});

test('a proxy that is to be spoken to by TLS and speaks none: nothing of the read has left', async () => {
  const proxy = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .resume()
      .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  );
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const reader = client(VENDOR, { timeoutMs: 1_000, proxy: { origin: `https://127.0.0.1:${port}` } });
  expect(await reader.getResult(query())).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  await new Promise((resolve) => proxy.close(resolve));
});

test('a vendor on port 8443 is asked for by it', async () => {
  const proxy = await server((socket) => socket.end());
  await client('https://vendor.test:8443/faceid', { proxy: { origin: `http://127.0.0.1:${proxy.port}` } }).getResult(query());
  expect(proxy.requests[0]).toMatch(/^CONNECT vendor\.test:8443 HTTP/);
});

test('no plain HTTP goes through a proxy, which could read it', async () => {
  const proxy = await server((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  const reader = client('http://127.0.0.1:1/faceid', { proxy: { origin: `http://127.0.0.1:${proxy.port}` } });
  expect(await reader.getResult(query())).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  expect(proxy.requests).toEqual([]);
});
