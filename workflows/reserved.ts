import { reservationText } from '../src/contracts/text/labels.ts';
import type { ReservedReadInput, ReservedRevisionInput } from '../src/contracts/workflow.ts';
import type { ReservedBy } from '../src/domain/ledger/asking-run.ts';

// The id of these workflows is the reservation, and their start is all that matters: it is granted once ever. They end at
// once, with a sentence for whoever opens them in the Temporal UI.

/** Reserves one vendor read for a run that is not the home run. */
export async function reservedRead(input: ReservedReadInput): Promise<Reserved> {
  return { reserved: reservationText(input), by: input.reservedBy };
}

/** Reserves one revision of the outcome for a run that is not the home run. */
export async function reservedRevision(input: ReservedRevisionInput): Promise<Reserved> {
  return { reserved: reservationText(input), by: input.reservedBy };
}

type Reserved = { readonly reserved: string; readonly by: ReservedBy };
