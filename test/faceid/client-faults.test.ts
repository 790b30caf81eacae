import { expect, test } from 'vitest';
import { answer } from './support/answers.ts';
import { httpAnswer, type startFaultyServer } from './support/faulty-server.ts';
import { client, expectNothingSecret, GOOD, query, server } from './support/loopback.ts';

type Fault = { name: string; fault: Parameters<typeof startFaultyServer>[0]; expected: object };

const FAULTS: Fault[] = [
  { name: 'reset before headers', fault: (socket) => socket.resetAndDestroy(), expected: lost('CONNECTION_LOST') },
  { name: 'closed before headers', fault: (socket) => socket.end(), expected: lost('CONNECTION_LOST') },
  {
    name: 'half a body, then closed',
    fault: (socket) => socket.end(GOOD.slice(0, -20)),
    expected: { ...lost('CONNECTION_LOST'), httpStatus: 200 },
  },
  {
    name: 'reset in the middle of the body',
    fault: (socket) => socket.write(GOOD.slice(0, -20), () => setTimeout(() => socket.resetAndDestroy(), 20)),
    expected: { ...lost('CONNECTION_LOST'), httpStatus: 200 },
  },
  { name: 'headers beyond the deadline', fault: () => undefined, expected: lost('TIMEOUT') },
  {
    name: 'headers dripping beyond the deadline',
    fault: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-drip: 1\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    },
    expected: lost('TIMEOUT'),
  },
  {
    name: 'a body that hangs',
    fault: (socket) => socket.write(GOOD.slice(0, -20)),
    expected: { ...lost('TIMEOUT'), httpStatus: 200 },
  },
  { name: 'an answer that is no HTTP', fault: (socket) => socket.end('SSH-2.0-x\r\n'), expected: lost('UNREADABLE_ERROR') },
  {
    name: 'an HTML 502 of a gateway',
    fault: (socket) => socket.write(httpAnswer(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' })),
    expected: { ...lost('HTTP_5XX'), httpStatus: 502 },
  },
  {
    name: '429',
    fault: (socket) => socket.write(httpAnswer(429, '{}', { 'retry-after': '0' })),
    expected: { ...lost('THROTTLED'), httpStatus: 429 },
  },
  {
    name: '503 with retry-after',
    fault: (socket) => socket.write(httpAnswer(503, '', { 'retry-after': '0' })),
    expected: { ...lost('HTTP_5XX'), httpStatus: 503 },
  },
  {
    name: '500 INTERNAL_ERROR',
    fault: (socket) => socket.write(httpAnswer(500, '{"error_message":"INTERNAL_ERROR","request_id":"1,a"}')),
    expected: { kind: 'VENDOR_ERROR', error: 'INTERNAL_ERROR', httpStatus: 500, vendorRequestIds: ['1,a'] },
  },
  {
    name: 'a redirect',
    fault: (socket) => socket.write(httpAnswer(302, '', { location: '/faceid/elsewhere' })),
    expected: { ...lost('UNREADABLE_ERROR'), httpStatus: 302 },
  },
  {
    name: 'a body beyond the cap',
    fault: (socket) => socket.write(httpAnswer(200, JSON.stringify(answer({ image_best: 'A'.repeat(200_000) })))),
    expected: { ...lost('BODY_TOO_LARGE'), httpStatus: 200 },
  },
  {
    name: 'an endless body',
    fault: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const pour = setInterval(() => socket.write(`4000\r\n${'A'.repeat(0x4000)}\r\n`), 1);
      socket.on('close', () => clearInterval(pour));
    },
    expected: { ...lost('BODY_TOO_LARGE'), httpStatus: 200 },
  },
  { name: '204 without a body', fault: (socket) => socket.write('HTTP/1.1 204 No\r\n\r\n'), expected: { kind: 'MALFORMED' } },
  {
    name: 'a 1xx answer before the real one',
    fault: (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${GOOD}`),
    expected: { kind: 'ANSWER' },
  },
];

function lost(cause: string): object {
  return { kind: 'UNCERTAIN', cause, sentAt: expect.any(String) };
}

test.each(FAULTS)('$name: reported without a second request and without a secret', async ({ fault, expected }) => {
  const vendor = await server(fault);
  const reader = client(vendor.baseUrl, { timeoutMs: 400, maxBodyBytes: 100_000 });
  const report = await reader.getResult(query());
  expect(report).toMatchObject(expected);
  expectNothingSecret(report);
  // Closing waits for everything that is still queued, so a request sent again would have arrived.
  await reader.close();
  expect(vendor.requests).toHaveLength(1);
});
