import { debuglog } from 'node:util';
import { Agent, type Dispatcher } from 'undici';
import type { ReadRequest, ResultApi } from '../../activities/ports.ts';
import { ConfigurationError } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import { exhausted } from '../domain/exhaustive.ts';
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
 * The H5-Lite RAW `get_result` client. Each read sends at most one request and never throws for anything the network or
 * the vendor does. Throws `ConfigurationError` for a base URL that cannot work, or if the process prints request URLs.
 */
export function createFaceIdClient(options: FaceIdClientOptions): FaceIdClient {
  refuseUrlPrinting();
  const endpoint = new URL(`${normalizeBaseUrl(options.baseUrl)}/lite/raw/get_result`);
  const dispatcher = options.dispatcher ?? createAgent(options.timeoutMs);
  const now = options.now ?? Date.now;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;

  async function getResult(request: ReadRequest): Promise<ReadReport> {
    const { notAfterMs } = request;
    if (now() > notAfterMs) return unsent('WINDOW_PASSED', now());
    const target = { origin: endpoint.origin, path: pathOf(endpoint, { ...options, ...request }) };
    const exchange = await exchangeOnce(target, { dispatcher, timeoutMs: options.timeoutMs, maxBodyBytes, notAfterMs, now });
    const endedAtMs = now();
    switch (exchange.kind) {
      case 'UNSENT':
        return unsent(exchange.cause, endedAtMs);
      case 'LOST': {
        const { cause, httpStatus } = exchange;
        return { kind: 'UNCERTAIN', cause, sentAt: iso(exchange.sentAtMs), endedAt: iso(endedAtMs), ...defined({ httpStatus }) };
      }
      case 'ANSWERED': {
        const { httpStatus, body } = exchange;
        const instants = { sentAt: iso(exchange.sentAtMs), answeredAt: iso(endedAtMs) };
        return classifyAnswer({ httpStatus, body, ...instants }, { expectedBizNo: request.bizNo });
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

/** Idle connections are dropped early, because a request on one that the vendor is just closing would cost a read. */
function createAgent(timeoutMs: number): Agent {
  return new Agent({
    connect: { timeout: Math.min(MAX_CONNECT_MS, timeoutMs) },
    keepAliveTimeout: 3_000,
    keepAliveMaxTimeout: 10_000,
    pipelining: 1,
    allowH2: false,
  });
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

/** undici prints whole request paths when these debug sections are on, and the path holds the secret. */
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
