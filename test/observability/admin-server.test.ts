import { once } from 'node:events';
import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminServer, startAdminServer } from '../../src/observability/admin-server.ts';
import { defineMetrics } from '../../src/observability/metrics.ts';
import type { Component } from '../../src/observability/readiness.ts';

const logged: unknown[] = [];
/** What each scrape was told of. */
const scraped: string[][] = [];
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const logger = { ...quiet, error: (fields: object) => void logged.push(fields) };
let server: AdminServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
  logged.length = 0;
  scraped.length = 0;
});

/** What a plain socket gets to see. */
async function raw(request: string): Promise<{ head: string; body: string }> {
  const socket = connect(server?.port ?? 0, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk)).on('error', () => undefined);
  socket.end(request, 'latin1');
  await once(socket, 'close');
  const [head = '', ...body] = text.split('\r\n\r\n');
  return { head, body: body.join('\r\n\r\n') };
}

async function serve(
  components: readonly Component[],
  exposed: readonly (() => Promise<string>)[] = [],
): Promise<(path: string) => Promise<Response>> {
  const registry = new Registry();
  defineMetrics(registry).records.inc({ disposition: 'STARTED' });
  const onScrape = (seen: readonly Component[]): void => void scraped.push(seen.map(({ name }) => name));
  const started = await startAdminServer({ port: 0, host: '127.0.0.1', registry, exposed, components: () => components, onScrape, logger });
  server = started;
  return async (path) => await fetch(`http://127.0.0.1:${started.port}${path}`);
}

describe('the admin server', () => {
  it('is ready only if every component is, and says which is not and why', async () => {
    let joined = false;
    const get = await serve([
      { name: 'consumer', state: () => (joined ? { ready: true } : { ready: false, reason: 'not in the group' }) },
      { name: 'worker', state: () => ({ ready: true }) },
    ]);
    const before = await get('/ready');
    expect(before.status).toBe(503);
    expect(await before.json()).toEqual({
      ready: false,
      components: { consumer: { ready: false, reason: 'not in the group' }, worker: { ready: true } },
    });
    joined = true;
    expect((await get('/ready')).status).toBe(200);
  });

  it('counts a throwing probe as not ready', async () => {
    const get = await serve([
      {
        name: 'worker',
        state: () => {
          throw new Error('gone');
        },
      },
    ]);
    const answer = await get('/ready');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('gone');
  });

  it('stays live while nothing is ready', async () => {
    const get = await serve([{ name: 'kafka', state: () => ({ ready: false }) }]);
    expect((await get('/live')).status).toBe(200);
  });

  it('serves the metrics as Prometheus text', async () => {
    const get = await serve([{ name: 'kafka', state: () => ({ ready: true }) }]);
    await get('/ready');
    const answer = await get('/metrics');
    // What readiness says is told to the gauges at each scrape, and at nothing else.
    expect(scraped).toEqual([['kafka']]);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('verdictflow_ingress_records_total{disposition="STARTED"} 1');
  });

  it('adds metrics that are kept elsewhere, and does without those that cannot be read', async () => {
    const elsewhere = async (): Promise<string> => await Promise.resolve('# TYPE temporal_x gauge\ntemporal_x 1\n');
    const broken = async (): Promise<string> => await Promise.reject(new Error('gone'));
    const answer = await (await serve([], [elsewhere, broken]))('/metrics');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/verdictflow_ready[^]*\n# TYPE temporal_x gauge\ntemporal_x 1\n$/);
  });

  it.each([
    ['GET //', 404],
    ['GET //live', 404],
    ['GET /live/', 404],
    ['GET /live/..', 404],
    ['GET /%2e%2e/live', 404],
    ['GET /%zz', 404],
    ['GET \\\\', 400],
    ['GET http://', 404],
    ['GET http://[', 404],
    ['GET http://other:99999/live', 404],
    ['GET ?', 400],
    ['GET *', 404],
    ['GET /live#x', 404],
    ['GET /live', 200],
    ['GET /live?', 200],
    ['GET /live?probe=http://x', 200],
    ['GET http://admin/live', 200],
    ['HEAD /live', 200],
    ['HEAD /metrics', 200],
    ['HEAD //', 404],
    ['POST /live', 405],
    ['OPTIONS *', 405],
    ['PURGE /live', 405],
    ['TRACE /live', 405],
    ['GET /a b', 400],
    ['NONSENSE /live', 400],
    [`GET /${'a'.repeat(8_000)}`, 404],
    [`GET /${'a'.repeat(20_000)}`, 431],
  ])('answers %s with %i, and has no stack to tell or log', async (line, status) => {
    await serve([]);
    const { head, body } = await raw(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status === 405) expect(head).toContain('allow: GET, HEAD');
    if (line.startsWith('HEAD')) expect(body).toBe('');
    expect(body).not.toContain('at ');
    expect(logged).toEqual([]);
  });

  it.each([
    'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET /live HTTP/1.1\r\n\r\n',
    'GET /live HTTP/9.9\r\n\r\n',
    '\x16\x03\x01\x02',
    '\r\n\r\nx\r\n\r\n',
  ])('ends what is no request it can answer: %j', async (bytes) => {
    await serve([]);
    expect((await raw(bytes)).head).toMatch(/^$|^HTTP\/1\.1 400 /);
    expect(logged).toEqual([]);
    expect((await fetch(`http://127.0.0.1:${server?.port}/live`)).status).toBe(200);
  });

  it('says how long the answer to HEAD would be', async () => {
    await serve([]);
    expect((await raw('HEAD /live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).head).toContain('content-length: 13');
  });

  it('answers 404 elsewhere and refuses a taken port', async () => {
    const get = await serve([]);
    expect((await get('/nothing')).status).toBe(404);
    const taken = startAdminServer({
      port: server?.port ?? 0,
      host: '127.0.0.1',
      registry: new Registry(),
      components: () => [],
      logger: quiet,
    });
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
