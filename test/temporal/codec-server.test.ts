import { request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../../src/contracts/logger.ts';
import type { AccessRules } from '../../src/temporal/codec-server/access.ts';
import { type CodecServer, startCodecServer } from '../../src/temporal/codec-server/server.ts';
import { createPayloadCodec } from '../../src/temporal/payload-codec.ts';
import { createAuthority } from '../support/certificates.ts';

const P1 = { id: 'p1', key: Buffer.alloc(32, 1) };
const P2 = { id: 'p2', key: Buffer.alloc(32, 2) };
const TOKEN = 'invented-invented-invented-invented';
const ORIGIN = 'https://temporal.example';
const RULES: AccessRules = { origins: [ORIGIN], namespaces: ['default'], tokens: [{ name: 'ui', token: TOKEN }] };
const HEADERS = { 'content-type': 'application/json', 'x-namespace': 'default', authorization: `Bearer ${TOKEN}` };

const servers: CodecServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Said = { readonly event?: unknown; readonly who?: unknown; readonly why?: unknown };

async function started(rules: AccessRules = RULES, tls?: { readonly cert: string; readonly key: string }) {
  const lines: Said[] = [];
  const log = (fields: object) => void lines.push({ ...fields });
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const onAnswer = vi.fn();
  const codec = createPayloadCodec({ current: () => ({ keys: [P1], encrypts: true }) });
  const server = await startCodecServer({
    host: '127.0.0.1',
    port: 0,
    codec,
    rules: () => rules,
    logger,
    onAnswer,
    ...(tls ? { tls } : {}),
  });
  servers.push(server);
  return { server, lines, onAnswer };
}

type Asked = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ca?: string;
};

async function ask(url: string, { method = 'POST', path = '/decode', headers = HEADERS, body = '{"payloads":[]}', ca }: Asked = {}) {
  return await new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; body: string }>((resolve, reject) => {
    const open = ca === undefined ? request : tlsRequest;
    const asking = open(`${url}${path}`, { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    asking.on('error', reject);
    asking.end(method === 'POST' ? body : '');
  });
}

async function encrypted(value: unknown, key = P1) {
  const codec = createPayloadCodec({ current: () => ({ keys: [key], encrypts: true }) });
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload(value)]);
  return asJson(payload);
}

function asJson(payload: Awaited<ReturnType<ReturnType<typeof createPayloadCodec>['encode']>>[number] | undefined) {
  const metadata = Object.entries(payload?.metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')] as const);
  return { metadata: Object.fromEntries(metadata), data: Buffer.from(payload?.data ?? []).toString('base64') };
}

describe('the codec server', () => {
  it('gives back as many payloads, in clear what it has the key of, as they were all others; says who, and counts', async () => {
    const { server, lines, onAnswer } = await started();
    const clear = asJson(defaultPayloadConverter.toPayload('clear'));
    const foreign = await encrypted('of another key', P2);
    const { status, body } = await ask(server.url, {
      body: JSON.stringify({ payloads: [await encrypted({ known: 'text' }), clear, foreign] }),
    });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ payloads: [asJson(defaultPayloadConverter.toPayload({ known: 'text' })), clear, foreign] });
    expect(lines).toEqual([
      { event: 'codec-decoded', who: 'ui', namespace: 'default', payloads: 3, decrypted: 1 },
      expect.objectContaining({ event: 'codec-unreadable', why: expect.stringMatching(/"p2"/) }),
    ]);
    expect(onAnswer).toHaveBeenCalledExactlyOnceWith({ status: 200, decrypted: 1, unreadable: 1 });
    expect(JSON.stringify(lines)).not.toMatch(/known|invented/);
  });

  it.each<[string, number, Asked]>([
    ['no token', 401, { headers: { ...HEADERS, authorization: '' } }],
    ['another token', 401, { headers: { ...HEADERS, authorization: `Bearer ${TOKEN}x` } }],
    ['the token as another scheme', 401, { headers: { ...HEADERS, authorization: `Basic ${TOKEN}` } }],
    ['an origin that is not named, whatever else it has', 403, { headers: { ...HEADERS, origin: 'https://evil.example' } }],
    ['the origin of a sandboxed page', 403, { headers: { ...HEADERS, origin: 'null' } }],
    ['another namespace', 403, { headers: { ...HEADERS, 'x-namespace': 'other' } }],
    ['no namespace', 403, { headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } }],
    ['encode', 404, { path: '/encode' }],
    ['nothing', 404, { path: '/' }],
    ['a query that the UI adds', 200, { path: '/decode?preserveStorageRefs=true' }],
    ['GET', 405, { method: 'GET' }],
    ['a form, which no browser asks about before', 415, { headers: { ...HEADERS, 'content-type': 'text/plain' } }],
    ['more than anybody needs, announced', 413, { headers: { ...HEADERS, 'content-length': '16777217' }, body: '' }],
    ['more than anybody needs, in pieces', 413, { headers: { ...HEADERS, 'transfer-encoding': 'chunked' }, body: 'x'.repeat(16_777_217) }],
    ['no JSON', 400, { body: '{' }],
    ['other JSON', 400, { body: '{"payloads":[1]}' }],
    ['metadata that is no text', 400, { body: '{"payloads":[{"metadata":{"a":1}}]}' }],
    ['a payload without anything', 200, { body: '{"payloads":[{}]}' }],
    ['the preflight of a page that is not named', 403, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }],
    ['the preflight of none', 403, { method: 'OPTIONS', headers: {} }],
  ])('asked with %s answers %i', async (_what, status, asked) => {
    const { server } = await started();
    const answer = await ask(server.url, asked);
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([status, undefined]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('lets the pages that are named ask, as a browser does, and no header more', async () => {
    const { server } = await started();
    const wanted = {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-namespace',
    };
    const before = await ask(server.url, { method: 'OPTIONS', headers: wanted });
    expect(before).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'POST',
        vary: 'origin',
      },
    });
    expect(String(before.headers['access-control-allow-headers'])).toMatch(/content-type, x-namespace, authorization/);
    const asked = await ask(server.url, { headers: { ...HEADERS, origin: ORIGIN } });
    expect(asked).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': ORIGIN } });
  });

  it('without tokens answers this machine, and no page that calls itself by another name', async () => {
    const { server, lines } = await started({ ...RULES, tokens: [] });
    const headers = { 'content-type': 'application/json', 'x-namespace': 'default' };
    expect((await ask(server.url, { headers })).status).toBe(200);
    expect((await ask(server.url, { headers: { ...headers, host: 'rebound.example:8234' } })).status).toBe(403);
    expect(lines.map(({ who, why }) => who ?? why)).toEqual(['this machine', 'HOST']);
  });

  it('speaks TLS, and with a renewed certificate from then on', async () => {
    const [one, two] = [createAuthority('one'), createAuthority('two')];
    const { server } = await started(RULES, one.issue({ name: 'codec', hosts: ['127.0.0.1'] }));
    expect(server.url).toMatch(/^https:/);
    expect((await ask(server.url, { ca: one.cert, headers: HEADERS })).status).toBe(200);
    server.renew(two.issue({ name: 'codec', hosts: ['127.0.0.1'] }));
    await expect(ask(server.url, { ca: one.cert })).rejects.toThrow(/certificate/);
    expect((await ask(server.url, { ca: two.cert })).status).toBe(200);
  });
});
