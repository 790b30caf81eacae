import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Logger } from '../contracts/logger.ts';
import { type Component, readinessOf } from './readiness.ts';

export type AdminServer = { readonly port: number; close(): Promise<void> };

type AdminServerOptions = {
  /** 0: any free port. */
  readonly port: number;
  /** Default: every IPv4 address of the machine. */
  readonly host?: string;
  readonly registry: Registry;
  /** Metrics that are kept elsewhere, as Prometheus text. One that fails is left out and logged. */
  readonly exposed?: readonly (() => Promise<string>)[];
  /** Asked at each request, so that components may be added while the process starts. */
  readonly components: () => readonly Component[];
  /** Tells a gauge what readiness says, at each scrape. */
  readonly onScrape?: (components: readonly Component[]) => void;
  readonly logger: Logger;
};

type Answer = { readonly status: number; readonly type: string; readonly body: string; readonly allow?: string };

/**
 * Health and metrics. `/live`: 200 while the event loop turns (an outage elsewhere must not restart this process).
 * `/ready`: 200 or 503 with the state and reason of each component. `/metrics`: Prometheus text.
 * Rejects with the system's error if the port is taken.
 */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const server = createServer((request, response) => {
    answer(request, options)
      .then((reply) => send(response, reply))
      .catch((error: unknown) => {
        options.logger.error({ err: error }, 'admin request failed');
        send(response, json(500, { error: 'internal' }));
      });
  });
  await listen(server, options);
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : options.port,
    close: async () => await close(server),
  };
}

async function answer(request: IncomingMessage, options: AdminServerOptions): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { ...json(405, { error: 'use GET' }), allow: 'GET, HEAD' };
  switch (pathOf(request.url ?? '/')) {
    case '/live':
      return json(200, { live: true });
    case '/ready': {
      const report = readinessOf(options.components());
      return json(report.ready ? 200 : 503, report);
    }
    case '/metrics':
      options.onScrape?.(options.components());
      return { status: 200, type: options.registry.contentType, body: await metricsOf(options) };
    default:
      return json(404, { error: 'use /live, /ready or /metrics' });
  }
}

/** What stands before the query. A client of a proxy sends the whole URL; anything else is a path, however odd. */
function pathOf(target: string): string {
  if (/^https?:/i.test(target) && URL.canParse(target)) return new URL(target).pathname;
  return target.split('?', 1)[0] ?? target;
}

async function metricsOf({ registry, exposed = [], logger }: AdminServerOptions): Promise<string> {
  const others = exposed.map(async (read) => {
    try {
      return await read();
    } catch (error) {
      logger.warn({ event: 'metrics-missing', err: error }, 'a part of the metrics could not be read');
      return '';
    }
  });
  return [await registry.metrics(), ...(await Promise.all(others))].filter((text) => text !== '').join('');
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function send(response: ServerResponse, reply: Answer): void {
  const allow = reply.allow === undefined ? {} : { allow: reply.allow };
  const length = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, { 'content-type': reply.type, 'content-length': length, 'cache-control': 'no-store', ...allow });
  response.end(reply.body);
}

async function listen(server: Server, options: AdminServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '0.0.0.0', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
