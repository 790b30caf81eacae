import { debuglog } from 'node:util';
import { Agent, type Dispatcher } from 'undici';
import { exhausted } from '../domain/exhaustive.ts';
import type { ResultApi, ReadRequest } from '../../activities/ports.ts';
import { ConfigurationError } from '../contracts/errors.ts';
import type { ReadReport } from '../domain/reading/report.ts';
import { normalizeBaseUrl } from './base-url.ts';
import { classifyAnswer } from './classify-answer.ts';
import { exchangeOnce } from './exchange.ts';

/** Two images and a multi-face one, each up to 5 MiB before base64. */
const DEFAULT_MAX_BODY_BYTES = 24 * 1024 * 1024;
const MAX_CONNECT_MS = 5_000;

export type FaceIdClientOptions = {
  /** Without `/lite/raw/get_result`, e.g. `https://api-sgp.megvii.com/faceid`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Bounds a whole read: connecting, headers and body. */
  readonly timeoutMs: number;
  /** Default: an own agent. It must not repeat requests or follow redirects; a repeat is stopped before it is sent. */
  readonly dispatcher?: Dispatcher;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly maxBodyBytes?: number;
};

export type FaceIdClient = ResultApi & {
  /** Lets reads in flight end (at most `timeoutMs`), then closes the own agent; a given dispatcher stays open. Idempotent. */
  close(): Promise<void>;
};

/**
 * The H5-Lite RAW `get_result` client. Each call sends at most one request and never throws for anything the network or
 * the vendor does. Throws `ConfigurationError` for a base URL that cannot work, or if the process prints request URLs.
 */
export function createFaceIdClient(options: FaceIdClientOptions): FaceIdClient {
  refuseUrlPrinting();
  const endpoint = new URL(`${normalizeBaseUrl(options.baseUrl)}/lite/raw/get_result`);
  const dispatcher = options.dispatcher ?? createAgent(options.timeoutMs);
  const now = options.now ?? Date.now;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;

  async function getResult(query: ReadRequest): Promise<ReadReport> {
    if (now() > query.notAfterMs) return unsent('WINDOW_PASSED', now());
    const target = { origin: endpoint.origin, path: pathOf(endpoint, { ...options, ...query }) };
    const { notAfterMs } = query;
    const exchange = await exchangeOnce(target, { dispatcher, timeoutMs: options.timeoutMs, maxBodyBytes, notAfterMs, now });
    const endedAtMs = now();
    switch (exchange.kind) {
      case 'UNSENT':
        return unsent(exchange.cause, endedAtMs);
      case 'LOST': {
        const { cause, httpStatus } = exchange;
        const status = httpStatus === undefined ? {} : { httpStatus };
        return { kind: 'UNCERTAIN', cause, sentAt: iso(exchange.sentAtMs), endedAt: iso(endedAtMs), ...status };
      }
      case 'ANSWERED': {
        const { httpStatus, body } = exchange;
        const instants = { sentAt: iso(exchange.sentAtMs), answeredAt: iso(endedAtMs) };
        return classifyAnswer({ httpStatus, body, ...instants }, { expectedBizNo: query.bizNo });
      }
      default:
        return exhausted(exchange);
    }
  }

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= options.dispatcher === undefined ? dispatcher.close() : Promise.resolve();
    return closing;
  }

  return { getResult, close };
}

/** Idle connections are dropped early: a request on one that the vendor is just closing would cost a read. */
function createAgent(timeoutMs: number): Agent {
  return new Agent({
    connect: { timeout: Math.min(MAX_CONNECT_MS, timeoutMs) },
    keepAliveTimeout: 3_000,
    keepAliveMaxTimeout: 10_000,
    pipelining: 1,
    allowH2: false,
  });
}

/** Seed rows 1 and 39: the token alone is the index, and every parameter is a string. */
function pathOf(endpoint: URL, query: { apiKey: string; apiSecret: string; token: string; returnImage: 0 | 1 | 2 }): string {
  const parameters = new URLSearchParams({
    api_key: query.apiKey,
    api_secret: query.apiSecret,
    token: query.token,
    return_image: String(query.returnImage),
  });
  return `${endpoint.pathname}?${parameters.toString()}`;
}

/** Seed row 40: undici prints whole request paths when these debug sections are on, and the path holds the secret. */
function refuseUrlPrinting(): void {
  const printing = ['undici', 'fetch'].filter((section) => debuglog(section).enabled);
  if (printing.length === 0) return;
  throw new ConfigurationError([
    `NODE_DEBUG switches on ${printing.join(', ')}, which prints request URLs and with them the API secret; remove it`,
  ]);
}

function unsent(cause: 'CONNECT_FAILED' | 'WINDOW_PASSED', endedAtMs: number): ReadReport {
  return { kind: 'UNSENT', cause, endedAt: iso(endedAtMs) };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
