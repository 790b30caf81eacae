import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminServer, startAdminServer } from '../../src/observability/admin-server.ts';
import { defineMetrics } from '../../src/observability/metrics.ts';
import type { Component } from '../../src/observability/readiness.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
let server: AdminServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(components: readonly Component[]): Promise<(path: string) => Promise<Response>> {
  const registry = new Registry();
  defineMetrics(registry).records.inc({ disposition: 'STARTED' });
  const started = await startAdminServer({ port: 0, host: '127.0.0.1', registry, components: () => components, logger: quiet });
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
    const answer = await (await serve([]))('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('verdictflow_ingress_records_total{disposition="STARTED"} 1');
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
