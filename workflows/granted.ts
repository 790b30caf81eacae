import { grantText } from '../src/contracts/text/labels.ts';
import type { GrantedReadInput, GrantedRevisionInput } from '../src/contracts/workflow.ts';
import type { GrantedTo } from '../src/domain/ledger/asking-run.ts';

// The id of these workflows is the grant. Only their start matters, because an id is started once ever. They end at
// once, with a sentence for whoever opens them in the Temporal UI.

/** Grants one vendor read to a run that is not the home run. */
export async function grantedRead(input: GrantedReadInput): Promise<Granted> {
  return { granted: grantText(input), by: input.grantedTo };
}

/** Grants one revision of the outcome to a run that is not the home run. */
export async function grantedRevision(input: GrantedRevisionInput): Promise<Granted> {
  return { granted: grantText(input), by: input.grantedTo };
}

type Granted = { readonly granted: string; readonly by: GrantedTo };
