import type { LoadedDataConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { Happening } from '../../../operator/timeline/ports.ts';

export type HistoryEvent = NonNullable<History['events']>[number];

/** One run's history on its way into a timeline. Events before `firstIndex` are a reset's copy of another run's. */
export type Reading = { readonly events: readonly HistoryEvent[]; readonly converter: LoadedDataConverter; readonly firstIndex: number };

/** An event of the timeline that does not know its run yet. */
export type Told = { readonly at: string } & Happening;

/** Who a request came from, as its client says. */
export function identityOf(identity: string | null | undefined): string | undefined {
  return identity === null || identity === '' ? undefined : identity;
}
