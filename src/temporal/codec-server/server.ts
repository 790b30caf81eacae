import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { PayloadCodec } from '@temporalio/common';
import { hostPortText } from '../../contracts/host-port.ts';
import type { Logger } from '../../contracts/logger.ts';
import { type Access, accessOf, type AccessRules, corsHeaders, PREFLIGHT_HEADERS } from './access.ts';
import { decodePayloads, payloadsIn } from './decode.ts';

type Tls = { readonly cert: string; readonly key: string };

type CodecServerOptions = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: Tls;
  readonly codec: PayloadCodec;
  /** Asked at each request, because tokens may change while it runs. */
  readonly rules: () => AccessRules;
  readonly logger: Logger;
  readonly onAnswer: (answer: { readonly status: number; readonly decrypted: number; readonly unreadable: number }) => void;
};

export type CodecServer = {
  readonly url: string;
  /** New connections get this certificate. */
  renew(tls: Tls): void;
  close(): Promise<void>;
};

/** A history's page of the UI has some hundred kilobytes. */
const BODY_AT_MOST = 16 * 1024 * 1024;
const REQUEST_MS = 30_000;

/**
 * What the Temporal UI and CLI ask to show payloads in clear: `POST /decode`. There is no `/encode`, because nobody who looks needs
 * it: whatever is written by hand may be in clear. It decrypts payloads alone; the tokens in them stay sealed.
 * Rejects with the system's error if the address cannot be had.
 */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const { host, port, tls } = options;
  const listener: RequestListener = (request, response) => void answer(request, { options, response });
  const server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, listener);
  server.requestTimeout = REQUEST_MS;
  server.listen(port, host);
  // Rejects if 'error' comes first.
  await once(server, 'listening');
  const address = server.address();
  const bound = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${hostPortText({ host, port: bound })}`,
    renew: (next) => 'setSecureContext' in server && server.setSecureContext(next),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Answer = {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly decrypted?: number;
  readonly unreadable?: number;
};

async function answer(
  request: IncomingMessage,
  { options, response }: { readonly options: CodecServerOptions; readonly response: ServerResponse },
): Promise<void> {
  const { logger, rules, onAnswer } = options;
  let reply: Answer;
  try {
    reply = await replyTo(request, options);
  } catch (error) {
    if (request.destroyed && !request.complete) return; // The caller went away; nobody waits for an answer.
    logger.error({ event: 'codec-failed', err: error }, 'a request to the codec server failed');
    reply = { status: 500, body: { error: 'internal' } };
  }
  onAnswer({ status: reply.status, decrypted: reply.decrypted ?? 0, unreadable: reply.unreadable ?? 0 });
  const body = reply.body === undefined ? '' : JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    ...corsHeaders(request.headers.origin, rules().origins),
    ...reply.headers,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    ...(body === '' ? {} : { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }),
    // What was not read of a refused body would be taken for the next request.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(body);
}

async function replyTo(request: IncomingMessage, options: CodecServerOptions): Promise<Answer> {
  const { headers, method } = request;
  if ((request.url ?? '').split('?', 1)[0] !== '/decode') return { status: 404, body: { error: 'use POST /decode' } };
  if (method === 'OPTIONS') return preflight(request, options);
  if (method !== 'POST') return { status: 405, body: { error: 'use POST' }, headers: { allow: 'POST, OPTIONS' } };
  const access = accessOf(headers, options.rules());
  if (!('who' in access)) return refusal(access, options);
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return { status: 415, body: { error: 'use application/json' } };
  const body = await bodyOf(request);
  if (body === undefined) return { status: 413, body: { error: `use at most ${BODY_AT_MOST} bytes` } };
  const payloads = payloadsIn(body);
  if (payloads === undefined) return { status: 400, body: { error: 'use {"payloads":[{"metadata":{…},"data":"…"}]}' } };
  const { decrypted, unreadable, whys, payloads: clear } = await decodePayloads(options.codec, payloads);
  const { who, namespace } = access;
  options.logger.info({ event: 'codec-decoded', who, namespace, payloads: payloads.length, decrypted }, 'payloads were shown in clear');
  for (const why of whys) options.logger.warn({ event: 'codec-unreadable', namespace, why }, 'a payload stays encrypted');
  return { status: 200, body: { payloads: clear }, decrypted, unreadable };
}

function preflight({ headers: { origin } }: IncomingMessage, options: CodecServerOptions): Answer {
  const isKnown = origin !== undefined && options.rules().origins.includes(origin);
  return isKnown ? { status: 204, headers: PREFLIGHT_HEADERS } : refusal({ status: 403, why: 'ORIGIN' }, options);
}

function refusal({ status, why }: Extract<Access, { status: number }>, { logger }: CodecServerOptions): Answer {
  logger.warn({ event: 'codec-refused', why }, 'somebody asked the codec server who may not');
  const headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return { status, headers, body: { error: status === 401 ? 'unauthorized' : 'forbidden' } };
}

/** Undefined: there is more than anybody needs. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (Number(request.headers['content-length'] ?? 0) > BODY_AT_MOST) return undefined;
  for await (const chunk of request) {
    const buffer: Buffer = chunk;
    bytes += buffer.length;
    if (bytes > BODY_AT_MOST) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
