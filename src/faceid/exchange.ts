import type { Dispatcher } from 'undici';

/** One HTTP exchange, told apart by whether a byte of the request can have left this process. Instants: epoch ms. */
export type Exchange =
  | { readonly kind: 'ANSWERED'; readonly sentAtMs: number; readonly httpStatus: number; readonly body: Uint8Array }
  | { readonly kind: 'LOST'; readonly cause: LostCause; readonly sentAtMs: number; readonly httpStatus?: number }
  | { readonly kind: 'UNSENT'; readonly cause: 'CONNECT_FAILED' | 'WINDOW_PASSED' };

type LostCause = 'TIMEOUT' | 'CONNECTION_LOST' | 'UNREADABLE_ERROR' | 'BODY_TOO_LARGE';

export type ExchangeOptions = {
  readonly dispatcher: Dispatcher;
  /** Bounds the whole exchange: waiting for a connection, headers and body. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** The request must not start after this instant. */
  readonly notAfterMs: number;
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

class SingleExchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #sentAtMs: number | undefined;
  #httpStatus: number | undefined;
  #bodyBytes = 0;
  #settled = false;

  constructor(options: ExchangeOptions, resolve: (exchange: Exchange) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#fail('TIMEOUT'), options.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
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
      this.#settle({ kind: 'UNSENT', cause: 'WINDOW_PASSED' });
      controller.abort(new Error('the window has passed'));
      return;
    }
    this.#controller = controller;
    this.#sentAtMs = nowMs;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number): void {
    // 1xx answers announce the real one.
    if (statusCode >= 200) this.#httpStatus = statusCode;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > this.#options.maxBodyBytes) this.#fail('BODY_TOO_LARGE');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const sentAtMs = this.#sentAtMs;
    const httpStatus = this.#httpStatus;
    if (sentAtMs === undefined || httpStatus === undefined) {
      this.#fail('CONNECTION_LOST');
      return;
    }
    this.#settle({ kind: 'ANSWERED', sentAtMs, httpStatus, body: Buffer.concat(this.#chunks) });
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
      this.#settle({ kind: 'UNSENT', cause: 'CONNECT_FAILED' });
      return;
    }
    const status = this.#httpStatus === undefined ? {} : { httpStatus: this.#httpStatus };
    this.#settle({ kind: 'LOST', cause, sentAtMs, ...status });
  }

  #settle(exchange: Exchange): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#deadline);
    this.#chunks.length = 0;
    if (exchange.kind === 'LOST') this.#controller?.abort(new Error('the exchange is over'));
    this.#resolve(exchange);
  }
}

function isNotHttp(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'HTTPParserError' || error.name === 'HeadersOverflowError';
}
