import type { Headers } from './header-text.ts';

/** What a redrive puts on a record it sends again. All of them begin with `vf-redrive-`; the last one of a name counts. */
export const REDRIVE_HEADERS = {
  /** How often the record was sent again, this time included: the loop guard. */
  count: 'vf-redrive-count',
  /** Epoch ms of a redrive that was to pass the dedupe horizon. */
  beyondHorizonAt: 'vf-redrive-beyond-horizon-at',
} as const;

/** How often a record was sent again by a redrive; 0 if its header says nothing that is a number. */
export function redrivesOf(headers: Headers): number {
  return numberIn(headers, { name: REDRIVE_HEADERS.count, form: /^\d{1,6}$/ }) ?? 0;
}

/** When an operator sent this record again to pass the dedupe horizon, in epoch ms. Undefined: nobody did. */
export function sentBeyondHorizonAtMs(headers: Headers): number | undefined {
  return numberIn(headers, { name: REDRIVE_HEADERS.beyondHorizonAt, form: /^\d{1,15}$/ });
}

function numberIn(headers: Headers, { name, form }: { readonly name: string; readonly form: RegExp }): number | undefined {
  const text = headers.get(name)?.at(-1)?.toString('latin1') ?? '';
  return form.test(text) ? Number(text) : undefined;
}
