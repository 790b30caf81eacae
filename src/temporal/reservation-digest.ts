import type { LoadedDataConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { OutcomeEvent } from '../contracts/outcome.ts';
import type { ReservedBy } from '../contracts/workflow.ts';
import { part } from '../contracts/untyped.ts';
import { decoded } from './history-digest.ts';
import { instantOf, isOutcomeEvent, isReservedBy } from './history-values.ts';

/** A taken reservation as its own history tells; `by` and `event` are absent if its input is not one of ours. */
export type Reservation = { readonly takenAt: string; readonly by?: ReservedBy; readonly event?: OutcomeEvent };

/** What a reservation's history tells. That it exists is what counts, so one that is not readable is still one. */
export async function digestReservation(history: History, converter: LoadedDataConverter): Promise<Reservation> {
  const first = history.events?.[0];
  const input = await decoded(converter, first?.workflowExecutionStartedEventAttributes?.input?.payloads);
  const by = part(input, 'reservedBy');
  const event = part(input, 'event');
  return {
    takenAt: first === undefined ? new Date(0).toISOString() : instantOf(first),
    ...(isReservedBy(by) ? { by } : {}),
    ...(isOutcomeEvent(event) ? { event } : {}),
  };
}
