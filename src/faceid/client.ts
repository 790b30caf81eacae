import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { Dispatcher } from 'undici';
import type { ReadRequest, ResultApi } from '../../activities/ports.ts';
import { ConfigurationError } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import { exhausted } from '../domain/exhaustive.ts';
import { instantOf } from '../domain/instant.ts';
import { gateClosed, type ReadReport, unsent } from '../domain/reading/report.ts';
import { normalizeBaseUrl } from './base-url.ts';
import { classifyAnswer } from './classify-answer.ts';
import { createConnector, type Proxy } from './connection.ts';
import { isSilenceHeard, refuseUnsilencedTracing, untraced } from '../tracing/untraced.ts';
import { decodeBody } from './decode-body.ts';
import { type Exchange, exchangeOnce } from './exchange.ts';

/** An answer without images has some kilobytes. */
const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
/** Base64 takes a third more, broken into lines whose ends and slashes are escaped half as much again. */
const BYTES_AS_TEXT = 1.5;
const MAX_CONNECT_MS = 5_000;

export type FaceIdClientOptions = {
  /** Without `/lite/raw/get_result`, e.g. `https://api-sgp.megvii.com/faceid`. */
  readonly baseUrl: string;
  /** Read for each request, so that it may be a getter; the secret too. */
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Bounds a whole read: connecting, headers and body. */
  readonly timeoutMs: number;
  /** For a vendor that is reached by https. */
  readonly proxy?: Proxy;
  /** Default: a connection for each read. Any other must not reuse connections, repeat requests or follow redirects. */
  readonly dispatcher?: Dispatcher;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Of an answer without images. */
  readonly maxBodyBytes?: number;
  /** Of one image, decoded. Default: none may come. */
  readonly maxImageBytes?: number;
  /** Of the bodies of all reads under way together, as they came and decoded; one that finds no room ends as too large. Default: no limit. */
  readonly maxBytesUnderWay?: number;
  /** Told what an answer says the time is (the header Date), and when it was asked for and complete. */
  readonly onDate?: (told: { readonly date: string; readonly sentAtMs: number; readonly endedAtMs: number }) => void;
};

export type FaceIdClient = ResultApi & {
  /** Lets reads in flight end (at most `timeoutMs`), and sends no other; a given dispatcher stays open. Idempotent. */
  close(): Promise<void>;
};

/**
 * The H5-Lite RAW `get_result` client. Each read sends at most one request and never throws for anything the network or
 * the vendor does. Throws `ConfigurationError` for a base URL that cannot work, or if the process prints or traces request URLs.
 */
export function createFaceIdClient(options: FaceIdClientOptions): FaceIdClient {
  refuseUrlPrinting();
  refuseListeners();
  const endpoint = new URL(`${normalizeBaseUrl(options.baseUrl)}/lite/raw/get_result`);
  const connect = createConnector({
    connectTimeoutMs: Math.min(MAX_CONNECT_MS, options.timeoutMs),
    ...defined({ proxy: options.proxy }),
  });
  const now = options.now ?? Date.now;
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, maxImageBytes = 0, maxBytesUnderWay = Number.POSITIVE_INFINITY } = options;
  const reading = new Set<Promise<ReadReport>>();
  let closed = false;
  let bytesUnderWay = 0;

  /** Of the images asked for, and the one of several faces, which comes unasked. */
  function mostBytes({ returnImage }: ReadRequest): number {
    return returnImage === 0 ? maxBodyBytes : maxBodyBytes + Math.ceil((returnImage + 1) * maxImageBytes * BYTES_AS_TEXT);
  }

  async function exchange(query: ReadRequest, mayTake: (bytes: number) => boolean): Promise<Exchange> {
    const target = { origin: endpoint.origin, path: pathOf(endpoint, { ...options, ...query }) };
    const { notAfterMs, forbidden } = query;
    const limits = { timeoutMs: options.timeoutMs, maxBodyBytes: mostBytes(query), mayTake, notAfterMs, ...defined({ forbidden }), now };
    if (options.dispatcher !== undefined) return exchangeOnce(target, { dispatcher: options.dispatcher, ...limits });
    const connection = connect(endpoint.origin);
    const exchanged = await exchangeOnce(target, { dispatcher: connection.dispatcher, ...limits });
    const ambiguous = exchanged.kind === 'ANSWERED' && connection.saidMore();
    void connection.destroy();
    if (!ambiguous) return exchanged;
    return { kind: 'LOST', cause: 'UNREADABLE_ERROR', sentAtMs: exchanged.sentAtMs, httpStatus: exchanged.httpStatus };
  }

  async function read(query: ReadRequest): Promise<ReadReport> {
    if (closed) return unsent('CONNECT_FAILED', now());
    if (now() > query.notAfterMs) return unsent('WINDOW_PASSED', now());
    if (now() + options.timeoutMs > (query.answerByMs ?? Number.POSITIVE_INFINITY)) return unsent('OUT_OF_TIME', now());
    const forbidden = query.forbidden?.();
    if (forbidden !== undefined) return gateClosed(forbidden, now());
    let taken = 0;
    try {
      return await reportOf(query, (bytes) => {
        if (bytesUnderWay + bytes > maxBytesUnderWay) return false;
        taken += bytes;
        bytesUnderWay += bytes;
        return true;
      });
    } finally {
      bytesUnderWay -= taken;
    }
  }

  async function reportOf(query: ReadRequest, mayTake: (bytes: number) => boolean): Promise<ReadReport> {
    const exchanged = await exchange(query, mayTake);
    const endedAtMs = now();
    switch (exchanged.kind) {
      case 'UNSENT':
        return unsent(exchanged.cause, endedAtMs);
      case 'FORBIDDEN':
        return gateClosed(exchanged.gate, endedAtMs);
      case 'LOST':
        return lost(exchanged, endedAtMs);
      case 'ANSWERED':
        if (exchanged.date !== undefined) options.onDate?.({ date: exchanged.date, sentAtMs: exchanged.sentAtMs, endedAtMs });
        return answered(exchanged, { endedAtMs, maxBodyBytes: mostBytes(query), mayTake, query });
      default:
        return exhausted(exchanged);
    }
  }

  async function getResult(query: ReadRequest): Promise<ReadReport> {
    const report = untraced(async () => await read(query));
    reading.add(report);
    try {
      return await report;
    } finally {
      reading.delete(report);
    }
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.allSettled(reading);
  }

  return { getResult, close };
}

type Answered = Extract<Exchange, { kind: 'ANSWERED' }>;
type Reading = {
  readonly endedAtMs: number;
  readonly maxBodyBytes: number;
  readonly mayTake: (bytes: number) => boolean;
  readonly query: ReadRequest;
};

async function answered(exchanged: Answered, { endedAtMs, maxBodyBytes, mayTake, query }: Reading): Promise<ReadReport> {
  const { httpStatus, sentAtMs, contentType, contentEncoding } = exchanged;
  const decoded = await decodeBody(exchanged.body, { encoding: contentEncoding, maxBytes: maxBodyBytes, mayTake });
  if (decoded.kind === 'TOO_LARGE') return lost({ cause: 'BODY_TOO_LARGE', sentAtMs, httpStatus }, endedAtMs);
  const wasEncoded = decoded.decoded ? true : undefined;
  const instants = { sentAt: instantOf(sentAtMs), answeredAt: instantOf(endedAtMs) };
  const evidence = query.evidence && { ...query.evidence, returnImage: query.returnImage };
  return classifyAnswer(
    { httpStatus, body: decoded.body, ...defined({ contentType, wasEncoded }), ...instants },
    { expectedBizNo: query.bizNo, ...defined({ evidence }) },
  );
}

type Lost = Pick<Extract<Exchange, { kind: 'LOST' }>, 'cause' | 'sentAtMs' | 'httpStatus'>;

function lost({ cause, sentAtMs, httpStatus }: Lost, endedAtMs: number): ReadReport {
  return { kind: 'UNCERTAIN', cause, sentAt: instantOf(sentAtMs), endedAt: instantOf(endedAtMs), ...defined({ httpStatus }) };
}

/** The token alone tells the vendor which result is meant. Every parameter is text. */
function pathOf(endpoint: URL, request: { apiKey: string; apiSecret: string; token: string; returnImage: 0 | 1 | 2 }): string {
  const parameters = new URLSearchParams({
    api_key: request.apiKey,
    api_secret: request.apiSecret,
    token: request.token,
    return_image: String(request.returnImage),
  });
  return `${endpoint.pathname}?${parameters.toString()}`;
}

/** undici prints whole request paths when one of these debug sections is on, and the path holds the secret. */
const PRINTING_SECTIONS = ['undici', 'fetch', 'websocket'];

function refuseUrlPrinting(): void {
  const printing = PRINTING_SECTIONS.filter((section) => debuglog(section).enabled);
  if (printing.length === 0) return;
  throw new ConfigurationError([
    `NODE_DEBUG switches on ${printing.join(', ')}, which prints request URLs and with them the API secret; remove it`,
  ]);
}

/** Where undici tells of each request, with its path, whoever listens. */
const REQUESTS = channel('undici:request:create');

/** OpenTelemetry's instrumentation listens there too, and is silent where it is asked to be. Others are not. */
function refuseListeners(): void {
  refuseUnsilencedTracing();
  if (!REQUESTS.hasSubscribers || isSilenceHeard()) return;
  throw new ConfigurationError([
    `something that was loaded into this process listens to undici's requests (diagnostics channel ${String(REQUESTS.name)}) and would learn ` +
      'the API secret and tokens; switch its tracing of undici off, or do not load it (NODE_OPTIONS)',
  ]);
}
