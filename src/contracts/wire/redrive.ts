import type { Headers } from './header-text.ts';

/** What a redrive puts on a record it sends again. All of them begin with `vf-redrive-`; the last one of a name counts. */
export const REDRIVE_HEADERS = {
  /** How often the record was sent again, this time included: the loop guard. */
  count: 'vf-redrive-count',
  /** Epoch ms: the time that the record bore first, which a topic with LogAppendTime or a short retention cannot keep. */
  timestamp: 'vf-redrive-timestamp',
  /** Epoch ms of a redrive that was to pass the dedupe horizon. */
  beyondHorizonAt: 'vf-redrive-beyond-horizon-at',
} as const;

const COUNT = /^\d{1,6}$/;
const EPOCH_MS = /^-?\d{1,16}$/;

/** How often a record was sent again by a redrive; 0 if its header says nothing that is a number. */
export function redrivesOf(headers: Headers): number {
  return numberIn(headers, { name: REDRIVE_HEADERS.count, form: COUNT }) ?? 0;
}

type Dated = { readonly timestampMs: number; readonly headers: Headers };

/**
 * The time that a record bore when it was first written, in epoch ms. A redrive's header may only make it older, so whoever
 * forges one gains nothing: a producer can date its records, and its requests by `issuedAt`, as it likes.
 */
export function firstTimestampMs({ timestampMs, headers }: Dated): number {
  const firstMs = numberIn(headers, { name: REDRIVE_HEADERS.timestamp, form: EPOCH_MS });
  return firstMs === undefined ? timestampMs : Math.min(firstMs, timestampMs);
}

/** When an operator sent this record again to pass the dedupe horizon, in epoch ms. Undefined: nobody did. */
export function sentBeyondHorizonAtMs(headers: Headers): number | undefined {
  return numberIn(headers, { name: REDRIVE_HEADERS.beyondHorizonAt, form: EPOCH_MS });
}

function numberIn(headers: Headers, { name, form }: { readonly name: string; readonly form: RegExp }): number | undefined {
  const text = headers.get(name)?.at(-1)?.toString('latin1') ?? '';
  return form.test(text) ? Number(text) : undefined;
}
