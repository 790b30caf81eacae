import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, Dispatcher, RetryAgent } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { createFaceIdClient } from '../../src/faceid/client.ts';
import { answer } from './support/answers.ts';

const SECRETS = { apiKey: 'key-1', apiSecret: 'secret-1', timeoutMs: 2_000 };
const QUERY = { token: 'token-1', returnImage: 0, notAfterMs: Number.MAX_SAFE_INTEGER } as const;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function httpServer(handle: (request: IncomingMessage, response: ServerResponse, n: number) => void) {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    handle(request, response, count);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { baseUrl: `http://127.0.0.1:${address.port}`, count: () => count };
}

function answerFirstThenReset(request: IncomingMessage, response: ServerResponse, n: number): void {
  if (n === 1) response.end(JSON.stringify(answer()));
  else request.socket.resetAndDestroy();
}

test('a vendor that resets the connection as the second request arrives: never sent again', async () => {
  const vendor = await httpServer(answerFirstThenReset);
  const client = createFaceIdClient({ baseUrl: vendor.baseUrl, ...SECRETS });
  expect(await client.getResult(QUERY)).toMatchObject({ kind: 'ANSWER' });
  expect(await client.getResult(QUERY)).toMatchObject({ kind: 'UNCERTAIN', cause: 'CONNECTION_LOST' });
  await client.close();
  expect(vendor.count()).toBe(2);
});

test('many reads on closing connections: the vendor sees at most one request each', async () => {
  const vendor = await httpServer((request, response, n) => {
    if (n % 2 === 0) request.socket.destroy();
    // Closes the idle connection at about the time when the next read wants it.
    else response.end(JSON.stringify(answer()), () => setImmediate(() => request.socket.destroy()));
  });
  const client = createFaceIdClient({ baseUrl: vendor.baseUrl, ...SECRETS });
  let unsent = 0;
  for (let n = 0; n < 100; n += 1) {
    const report = await client.getResult(QUERY);
    if (report.kind === 'UNSENT') unsent += 1;
    if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await client.close();
  expect(vendor.count()).toBeLessThanOrEqual(100 - unsent);
});

test('a dispatcher that retries on its own is stopped before its second request', async () => {
  const vendor = await httpServer((request) => request.socket.resetAndDestroy());
  const retrying = new RetryAgent(new Agent(), { minTimeout: 1, maxRetries: 3 });
  const client = createFaceIdClient({ baseUrl: vendor.baseUrl, ...SECRETS, dispatcher: retrying });
  expect(await client.getResult(QUERY)).toMatchObject({ kind: 'UNCERTAIN', cause: 'CONNECTION_LOST' });
  await retrying.close();
  expect(vendor.count()).toBe(1);
});

class TwiceStarting extends Dispatcher {
  readonly aborted: boolean[] = [];

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    for (const n of [0, 1]) {
      this.aborted[n] = false;
      const controller = {
        aborted: false,
        paused: false,
        reason: null,
        abort: () => {
          this.aborted[n] = true;
        },
        pause: () => undefined,
        resume: () => undefined,
      };
      handler.onRequestStart?.(controller, {});
    }
    return true;
  }
}

test('a second start of the same request is aborted, whatever the dispatcher', async () => {
  const dispatcher = new TwiceStarting();
  const client = createFaceIdClient({ baseUrl: 'http://127.0.0.1:9', ...SECRETS, dispatcher });
  expect(await client.getResult(QUERY)).toMatchObject({ kind: 'UNCERTAIN', cause: 'CONNECTION_LOST' });
  expect(dispatcher.aborted[1]).toBe(true);
});

class Throwing extends Dispatcher {
  override dispatch(): boolean {
    throw new Error('secret-1 in an error text');
  }
}

test('a dispatcher that throws is reported, and its error text is dropped', async () => {
  const client = createFaceIdClient({ baseUrl: 'http://127.0.0.1:9', ...SECRETS, dispatcher: new Throwing() });
  const report = await client.getResult(QUERY);
  expect(report).toMatchObject({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
  expect(JSON.stringify(report)).not.toContain('secret-1');
});
