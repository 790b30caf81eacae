import type { Headers } from './header-text.ts';

/** The header that a redrive puts on a record it sends again: how often that was done, this time included. The loop guard. */
export const REDRIVE_COUNT = 'vf-redrive-count';

/** How often a record was sent again by a redrive; 0 if its header says nothing that is a number. The last one counts. */
export function redrivesOf(headers: Headers): number {
  const text = headers.get(REDRIVE_COUNT)?.at(-1)?.toString('latin1') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}
