import type { SentImage } from './images.ts';
import type { ErrorKey } from './options.ts';

/** What a scenario knows about the request it answers. */
export type Asked = {
  /** 1 for the first request that the scenario answers. */
  readonly attempt: number;
  readonly nowMs: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly verificationId: string;
  readonly returnImage: 0 | 1 | 2;
  /** Whoever puts an image into the answer notes it here. */
  readonly sent: SentImage[];
  readonly bizNo?: string;
  readonly errorKey: ErrorKey;
};

/** How one request ends. */
export type Reply = {
  /**
   * HALF: the connection breaks in mid-body. RESET: it breaks before any byte. HANG: nothing ever comes. TWICE: a second,
   * unasked copy of the answer follows it. SHORT: the length in the header is nine bytes less than the body's.
   */
  readonly delivery: 'FULL' | 'HALF' | 'RESET' | 'HANG' | 'TWICE' | 'SHORT';
  readonly httpStatus: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly location?: string;
  /** How the body is compressed already, although nobody asked for it. */
  readonly contentEncoding?: string;
  /** The vendor refused before looking, so this is no read (docs/vendor.md, Error playbook). */
  readonly refused: boolean;
  /** The body tells vendor status OK or FAILED. */
  readonly terminal: boolean;
  readonly delayMs: number;
  /** One word for the log. */
  readonly said: string;
};

const JSON_TYPE = 'application/json; charset=utf-8';

/** A 200 with the given body; `status` is the vendor status inside, also the log's word for it. */
export function ok(status: string, body: object | string | Uint8Array): Reply {
  const word = status.trim().toUpperCase();
  return {
    delivery: 'FULL',
    httpStatus: 200,
    contentType: JSON_TYPE,
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    refused: false,
    terminal: word === 'OK' || word === 'FAILED',
    delayMs: 0,
    said: word,
  };
}

/** An answer that is not the vendor's JSON, e.g. a gateway's page. */
export function foreign(httpStatus: number, options: { contentType: string; body: string; said: string }): Reply {
  return { ...ok(options.said, options.body), httpStatus, contentType: options.contentType, terminal: false };
}

/** The connection breaks (`RESET`) or stays silent (`HANG`) after the request arrived. */
export function noAnswer(delivery: 'RESET' | 'HANG'): Reply {
  return { ...ok(delivery, ''), delivery, httpStatus: 0, terminal: false };
}
