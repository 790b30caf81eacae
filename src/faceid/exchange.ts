import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { afterQuietTurn } from '../async/quiet-turn.ts';
import { defined } from '../domain/defined.ts';
import type { SinceThen } from '../domain/gate/gate.ts';

/** One HTTP exchange, told apart by whether a byte of the request can have left this process. Instants: epoch ms. */
export type Exchange =
  | ({ readonly kind: 'ANSWERED'; readonly sentAtMs: number; readonly httpStatus: number; readonly body: Uint8Array } & BodyHeaders)
  | { readonly kind: 'LOST'; readonly cause: LostCause; readonly sentAtMs: number; readonly httpStatus?: number }
  | { readonly kind: 'UNSENT'; readonly cause: 'CONNECT_FAILED' | 'WINDOW_PASSED' }
  /** Unsent, because `gate` forbade it. */
  | { readonly kind: 'FORBIDDEN'; readonly gate: SinceThen };

/** What the answer says of its body and of the time, as it says it. */
type BodyHeaders = { readonly contentType?: string; readonly contentEncoding?: string; readonly date?: string };

type LostCause = 'TIMEOUT' | 'CONNECTION_LOST' | 'UNREADABLE_ERROR' | 'BODY_TOO_LARGE';

export type ExchangeOptions = {
  readonly dispatcher: Dispatcher;
  /** Bounds the whole exchange: waiting for a connection, headers and body. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** Asked before the body takes more memory; false: there is none left for it. Default: there is. */
  readonly mayTake?: (bytes: number) => boolean;
  /** The request must not start after this instant. */
  readonly notAfterMs: number;
  /** Asked right before the first byte. */
  readonly forbidden?: () => SinceThen | undefined;
  readonly now: () => number;
};

/**
 * Performs one GET at most once; never rejects. undici calls `onRequestStart` right before it writes the request to a
 * connected socket, and again if it ever dispatches the request anew. So a request that has not started has sent
 * nothing, a second start is stopped before its first byte, and so is a start after the deadline or the window.
 */
export function exchangeOnce(target: { origin: string; path: string }, options: ExchangeOptions): Promise<Exchange> {
  return new Promise((resolve) => {
    const exchange = new SingleExchange(options, resolve);
    try {
      options.dispatcher.dispatch({ ...target, ...GET_ONCE }, exchange);
    } catch (error) {
      // A dispatcher that throws instead of answering has failed like any other; whether it started is known.
      exchange.end(error);
    }
  });
}

const GET_ONCE = {
  method: 'GET',
  headers: { accept: 'application/json', 'accept-encoding': 'identity' },
  // Never shares a connection with a request that is still running.
  idempotent: false,
  blocking: true,
  // The deadline of the whole exchange replaces both.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

/** A turn takes 64 KiB or more of what the kernel holds of a socket, which is some megabytes at most. */
const MAX_LAST_TURNS = 1_000;

class SingleExchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #body: GrowingBuffer;
  #controller: Dispatcher.DispatchController | undefined;
  #sentAtMs: number | undefined;
  #httpStatus: number | undefined;
  #headers: BodyHeaders = {};
  #finished = false;
  /** How often something of the answer came. */
  #heard = 0;

  constructor(options: ExchangeOptions, resolve: (exchange: Exchange) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#body = new GrowingBuffer(options.maxBodyBytes, options.mayTake);
    this.#deadline = setTimeout(() => this.#lastTurn(), options.timeoutMs);
  }

  /**
   * The end of time. What arrived while the process stood still is taken first, as long as each turn of the loop brings more of
   * it, so that no slot is lost. A request that was not sent by now never is.
   */
  #lastTurn(turns = 0): void {
    if (this.#sentAtMs === undefined) {
      this.#fail('TIMEOUT');
      return;
    }
    const heard = this.#heard;
    afterQuietTurn(() => {
      if (this.#finished) return;
      if (this.#heard === heard || turns === MAX_LAST_TURNS) this.#fail('TIMEOUT');
      else this.#lastTurn(turns + 1);
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#finished) {
      controller.abort(new Error('the exchange is over'));
      return;
    }
    if (this.#sentAtMs !== undefined) {
      controller.abort(new Error('a read is never sent twice'));
      this.#fail('CONNECTION_LOST');
      return;
    }
    const nowMs = this.#options.now();
    if (nowMs > this.#options.notAfterMs) {
      this.#finish({ kind: 'UNSENT', cause: 'WINDOW_PASSED' });
      controller.abort(new Error('the window has passed'));
      return;
    }
    const gate = this.#options.forbidden?.();
    if (gate !== undefined) {
      this.#finish({ kind: 'FORBIDDEN', gate });
      controller.abort(new Error('it may not be sent any more'));
      return;
    }
    this.#controller = controller;
    this.#sentAtMs = nowMs;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    this.#heard += 1;
    // 1xx answers announce the real one.
    if (statusCode < 200) return;
    this.#httpStatus = statusCode;
    this.#headers = defined({
      contentType: headerOf(headers, 'content-type'),
      contentEncoding: headerOf(headers, 'content-encoding'),
      date: headerOf(headers, 'date'),
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#finished) return;
    this.#heard += 1;
    if (!this.#body.append(chunk)) this.#fail('BODY_TOO_LARGE');
  }

  onResponseEnd(): void {
    const sentAtMs = this.#sentAtMs;
    const httpStatus = this.#httpStatus;
    if (sentAtMs === undefined || httpStatus === undefined) {
      this.#fail('CONNECTION_LOST');
      return;
    }
    this.#finish({ kind: 'ANSWERED', sentAtMs, httpStatus, body: this.#body.take(), ...this.#headers });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(error);
  }

  /** The error's text is dropped on purpose: nothing of it may reach a log or the workflow history. */
  end(error: unknown): void {
    this.#fail(isNotHttp(error) ? 'UNREADABLE_ERROR' : 'CONNECTION_LOST');
  }

  #fail(cause: LostCause): void {
    const sentAtMs = this.#sentAtMs;
    if (sentAtMs === undefined) {
      this.#finish({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
      return;
    }
    this.#finish({ kind: 'LOST', cause, sentAtMs, ...defined({ httpStatus: this.#httpStatus }) });
  }

  #finish(exchange: Exchange): void {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#deadline);
    this.#body.take();
    if (exchange.kind === 'LOST') this.#controller?.abort(new Error('the exchange is over'));
    this.#resolve(exchange);
  }
}

function isNotHttp(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'HTTPParserError' || error.name === 'HeadersOverflowError';
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Bytes in one piece. A list of chunks would take a hundred bytes for each, and a hostile body has a million chunks of one. */
export class GrowingBuffer {
  readonly #maxBytes: number;
  readonly #mayTake: (bytes: number) => boolean;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(maxBytes: number, mayTake: (bytes: number) => boolean = () => true) {
    this.#maxBytes = maxBytes;
    this.#mayTake = mayTake;
  }

  /** False, and nothing is kept, if that would be more than the maximum, or than there is memory for. */
  append(chunk: Buffer): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) return false;
    if (length > this.#bytes.length) {
      const capacity = Math.min(this.#maxBytes, Math.max(length, this.#bytes.length * 2, FIRST_BYTES));
      if (!this.#mayTake(capacity - this.#bytes.length)) return false;
      const grown = Buffer.allocUnsafeSlow(capacity);
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    return true;
  }

  /** What was appended; afterwards nothing is held. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }
}

export const FIRST_BYTES = 8 * 1024;
