import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import type { EmitOutcomeOrder } from '../src/contracts/workflow.ts';
import type { RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import { outcomeEventId } from '../src/domain/ids.ts';
import { knowsBetter } from '../src/domain/ledger/ledger.ts';
import { standingOutcome } from '../src/domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../src/domain/outcome.ts';
import { questionOf, grantedTo } from './away.ts';
import { assertNewsWithoutHome, awaitHome } from './home-gone.ts';
import type { Grants, VerificationLedger } from './ports.ts';
import type { Dispatch } from './quota-guard.ts';

export type ChooseRevisionPorts = {
  readonly ledger: VerificationLedger;
  readonly grants: Grants;
  readonly seekHomeForMs: number;
};
export type AwayEmission = RecoveredReads | { readonly kind: 'EMIT'; readonly event: OutcomeEvent };

type Asked = { readonly order: EmitOutcomeOrder; readonly dispatch: Dispatch };

/** Runs of one verification emit one after the other; more of them at once than this is repeated by Temporal. */
const MAX_RACES = 5;

/**
 * What a run that is not the home run may emit: nothing before it knows every read; the latest outcome again, byte for
 * byte, unless its own is news; else the next revision, which names what it supersedes.
 * @throws DependencyUnavailableError when nobody can say yet. Temporal repeats the emission: late, never wrong.
 * @throws ApplicationFailure when nobody can ever say: see {@link assertNewsWithoutHome}.
 */
export async function chooseRevision(ports: ChooseRevisionPorts, asked: Asked): Promise<AwayEmission> {
  const { order, dispatch } = asked;
  const { verificationId } = order.event;
  for (let race = 0; race < MAX_RACES; race += 1) {
    // Revisions before reads: whatever brought a revision about that is known here, the ledger then knows as well. One
    // that somebody takes after that makes the number taken, and both are asked anew.
    const granted = await ports.ledger.revisions(verificationId, 1);
    const answer = await ports.ledger.consult(questionOf(order, { verificationId, run: dispatch.workflowExecution }));
    if (answer.kind === 'KNOWN' && knowsBetter(answer.ledger, order)) return { kind: 'RECOVERED', reads: answer.ledger.reads };
    if (answer.kind === 'UNKNOWN') awaitHome(answer, { verificationId, dispatch, forMs: ports.seekHomeForMs });
    const emitted = answer.kind === 'KNOWN' ? answer.ledger.emitted : undefined;
    const known = [...(emitted === undefined ? [] : [{ event: emitted }]), ...granted];
    const standing = standingOutcome(known, order);
    if (standing !== undefined) return { kind: 'EMIT', event: standing };
    if (answer.kind === 'UNKNOWN') assertNewsWithoutHome(answer, asked);
    // Number 1 stays untouched while the home run may have emitted it, and nobody knows what it said.
    const mayBeTaken = answer.kind === 'UNKNOWN' || answer.ledger.mayHaveEmitted === true;
    const latest = known.at(-1)?.event.revision ?? (mayBeTaken ? 1 : 0);
    const event = revised(order.event, latest + 1);
    const input = { v: 1, verificationId, revision: event.revision, grantedTo: grantedTo(dispatch, order), event } as const;
    if ((await ports.grants.grantRevision(input)) === 'GRANTED') return { kind: 'EMIT', event };
  }
  throw new DependencyUnavailableError('temporal', `revisions of ${verificationId} are being taken by other runs`);
}

function revised(event: OutcomeEvent, revision: number): OutcomeEvent {
  const { supersedes: _ordered, ...rest } = event;
  if (revision === 1) return { ...rest, revision };
  return { ...rest, revision, supersedes: outcomeEventId(event.verificationId, revision - 1) };
}
