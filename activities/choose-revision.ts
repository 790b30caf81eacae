import type { Info } from '@temporalio/activity';
import { knowsMore } from '../src/contracts/ledger.ts';
import type { LedgerAnswer } from '../src/contracts/ledger.ts';
import { standingOutcome } from '../src/contracts/next-revision.ts';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import type { OutcomeEvent } from '../src/contracts/outcome.ts';
import type { EmitOutcomeOrder, RecoveredReads } from '../src/contracts/workflow.ts';
import { outcomeEventId } from '../src/domain/ids.ts';
import { questionOf, reservedBy } from './away.ts';
import type { Reservations, VerificationLedger } from './ports.ts';

export type ChooseRevisionPorts = { readonly ledger: VerificationLedger; readonly reservations: Reservations };
export type AwayEmission = RecoveredReads | { readonly kind: 'EMIT'; readonly event: OutcomeEvent };

type Asked = { readonly order: EmitOutcomeOrder; readonly dispatch: Pick<Info, 'activityId' | 'workflowExecution' | 'attempt'> };

/** Visibility knows a run within a second; some repetitions later a home run that nobody finds is gone. */
const ATTEMPTS_TO_FIND_HOME = 4;
/** Runs of one verification emit one after the other; more of them at once than this is repeated by Temporal. */
const MAX_RACES = 5;

/**
 * What a run that is not the home run may emit: nothing before it knows every read; the latest outcome again, byte for
 * byte, unless its own is news; else the next revision, which names what it supersedes.
 * @throws DependencyUnavailableError when nobody can say yet. Temporal repeats the emission: late, never wrong.
 */
export async function chooseRevision(ports: ChooseRevisionPorts, asked: Asked): Promise<AwayEmission> {
  const { order, dispatch } = asked;
  const { verificationId } = order.event;
  for (let race = 0; race < MAX_RACES; race += 1) {
    // Revisions before reads: whatever brought a revision about that is known here, the ledger then knows as well. One
    // that somebody reserves after that makes the number taken, and both are asked anew.
    const reserved = await ports.ledger.revisions(verificationId, 1);
    const answer = await ports.ledger.consult(questionOf(order, { verificationId, run: dispatch.workflowExecution }));
    if (answer.kind === 'KNOWN' && knowsMore(answer.ledger, order)) return { kind: 'RECOVERED', reads: answer.ledger.reads };
    const { emitted, first } = baseOf(answer, asked);
    const known = [...(emitted === undefined ? [] : [{ event: emitted }]), ...reserved];
    const standing = standingOutcome(known, order);
    if (standing !== undefined) return { kind: 'EMIT', event: standing };
    const event = revised(order.event, { latest: known.at(-1)?.event, first });
    const input = { v: 1, verificationId, revision: event.revision, reservedBy: reservedBy(dispatch, order), event } as const;
    if ((await ports.reservations.reserveRevision(input)) === 'GRANTED') return { kind: 'EMIT', event };
  }
  throw new DependencyUnavailableError('temporal', `revisions of ${verificationId} are being reserved by other runs`);
}

/** What the home run emitted, and where reserved revisions begin. Without it number 1 stays untouched: it may have been emitted. */
function baseOf(answer: LedgerAnswer, { order, dispatch }: Asked): { readonly emitted?: OutcomeEvent; readonly first: number } {
  if (answer.kind === 'KNOWN') {
    const { emitted } = answer.ledger;
    return emitted === undefined ? { first: 1 } : { emitted, first: emitted.revision + 1 };
  }
  const gone = answer.doubt === 'HOME_NOT_FOUND' || answer.doubt === 'HOME_AMBIGUOUS';
  if (gone && dispatch.attempt >= ATTEMPTS_TO_FIND_HOME) return { first: 2 };
  throw new DependencyUnavailableError('temporal', `the reads of ${order.event.verificationId} are not known yet (${answer.doubt})`);
}

function revised(event: OutcomeEvent, after: { readonly latest: OutcomeEvent | undefined; readonly first: number }): OutcomeEvent {
  const { supersedes: _ordered, ...rest } = event;
  const revision = after.latest === undefined ? after.first : after.latest.revision + 1;
  if (revision === 1) return { ...rest, revision };
  return { ...rest, revision, supersedes: outcomeEventId(event.verificationId, revision - 1) };
}
