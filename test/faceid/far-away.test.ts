import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test, onTestFinished } from 'vitest';
import { createConnector } from '../../src/faceid/connection.ts';
import { exchangeOnce } from '../../src/faceid/exchange.ts';
import { until } from '../support/until.ts';
import { GOOD } from './support/loopback.ts';

/**
 * A server that takes no connection while it is held, so that the kernel drops what comes beyond its backlog: a client of it
 * sends its SYN again after a second, and is connected as late as one that is far away.
 */
const FAR = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer((socket) => socket.on('error', () => undefined).on('data', () => socket.end(workerData.answer)));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData.held, 0, 1);
  });
  parentPort.on('message', () => server.close());
`;

async function farServer(): Promise<{ port: number; letGo: () => void }> {
  const held = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  const worker = new Worker(FAR, { eval: true, workerData: { held, answer: GOOD } });
  const [port]: unknown[] = await once(worker, 'message');
  const letGo = (): void => {
    Atomics.store(held, 0, 0);
    Atomics.notify(held, 0);
  };
  onTestFinished(async () => {
    letGo();
    await worker.terminate();
  });
  return { port: Number(port), letGo };
}

/** Connects until nobody is answered any more. */
async function fill(port: number): Promise<void> {
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.resolve();
  });
  const isFull = async (): Promise<boolean> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    const connected = once(socket, 'connect').then(() => false);
    return await Promise.race([connected, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 100))]);
  };
  await until(isFull, { timeoutMs: 20_000, what: 'a full backlog' });
}

/** Answers with these addresses in this order, as for a host of two families. */
function resolvesTo(...addresses: readonly string[]): LookupFunction {
  return (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
}

test('a vendor that takes longer than 250 ms to connect is connected, though another of its addresses leads nowhere', async () => {
  const { port, letGo } = await farServer();
  await fill(port);
  const connection = createConnector({ connectTimeoutMs: 5_000, lookup: resolvesTo('127.0.0.1', '192.0.2.1') })(
    `http://vendor.test:${port}`,
  );
  onTestFinished(() => connection.destroy());
  const startedAtMs = Date.now();
  const exchange = exchangeOnce(
    { origin: `http://vendor.test:${port}`, path: '/' },
    { dispatcher: connection.dispatcher, timeoutMs: 8_000, maxBodyBytes: 99_999, notAfterMs: Date.now() + 60_000, now: Date.now },
  );
  setTimeout(letGo, 400);
  expect(await exchange).toMatchObject({ kind: 'ANSWERED', httpStatus: 200 });
  // The case is what it claims to be: Node's own limit for an address would have passed long before.
  expect(Date.now() - startedAtMs).toBeGreaterThan(300);
});
