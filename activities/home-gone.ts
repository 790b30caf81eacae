import { ApplicationFailure } from '@temporalio/common';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import { type EmitOutcomeOrder, HOME_GONE } from '../src/contracts/workflow.ts';
import type { LedgerAnswer } from '../src/domain/ledger/ledger.ts';
import { isVerdict } from '../src/domain/ledger/revisions.ts';
import type { Dispatch } from './quota-guard.ts';

type Unknown = Extract<LedgerAnswer, { kind: 'UNKNOWN' }>;

/**
 * Visibility knows a run within a second, and minutes later while it lags. The deadline of the verification does not
 * shorten this: the run reads nothing meanwhile, so it is only late, and after the deadline an EXPIRED is at stake.
 */
export const SEEK_HOME_FOR_MS = 15 * 60_000;

/**
 * Returns once the home run counts as gone, because nobody found it, or only one of it, for that long.
 * @throws DependencyUnavailableError before, and for any other doubt. Temporal repeats the emission.
 */
export function awaitHome(
  { doubt }: Unknown,
  sought: { readonly verificationId: string; readonly dispatch: Dispatch; readonly forMs: number },
): void {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = sought.dispatch;
  const missing = doubt === 'HOME_NOT_FOUND' || doubt === 'HOME_AMBIGUOUS';
  // Both instants are the server's, and they differ only in a repetition. So the home run is looked for at least twice,
  // however late a worker took the first attempt.
  if (missing && currentAttemptScheduledTimestampMs - scheduledTimestampMs >= sought.forMs) return;
  throw new DependencyUnavailableError('temporal', `the reads of ${sought.verificationId} are not known yet (${doubt})`);
}

/**
 * Lets a run say something new about a verification whose home run is gone: a verdict of its own, or anything if there
 * was no run before it. Otherwise "we do not know" could supersede a verdict that nobody remembers.
 * @throws ApplicationFailure (not retryable) {@link HOME_GONE}: nothing is published.
 */
export function assertNewsWithoutHome(
  answer: Unknown,
  { order, dispatch }: { readonly order: EmitOutcomeOrder; readonly dispatch: Dispatch },
): void {
  if (isVerdict(order.event) || !hasPredecessor(answer, { order, dispatch })) return;
  const { verificationId, outcome } = order.event;
  const why =
    answer.doubt === 'HOME_AMBIGUOUS'
      ? 'several runs carry the stamp of ingress'
      : 'the run that ingress started is gone (deleted, or past the retention of the namespace)';
  throw ApplicationFailure.nonRetryable(
    `nothing was published for ${verificationId}: ${why}, so nobody knows which outcome it had, and ${outcome} could take a verdict back. ` +
      'Its last outcome on the topic still counts; if it has none there, ask for a new token.',
    HOME_GONE,
  );
}

/** A replay, a reset, and a run beside others come after a run; whether that one was ingress's, nobody can say. */
function hasPredecessor(answer: Unknown, { order, dispatch }: { readonly order: EmitOutcomeOrder; readonly dispatch: Dispatch }): boolean {
  const runId = dispatch.workflowExecution?.runId;
  const beside = answer.runIds?.some((other) => other !== runId) ?? false;
  return order.replay !== undefined || order.originalRunId !== runId || beside;
}
