import { adviceFor, outcomeOf, reason } from '../reasons.ts';
import type { State } from '../state.ts';
import type { Verdict } from '../verdict.ts';
import { concludedVerdict } from './conclude.ts';

const REASON_OF = { APPROVED: 'MANUAL_APPROVED', REJECTED: 'MANUAL_REJECTED' } as const;

/**
 * The verdict of a person, whatever the reads say; undefined if none was given. The scores stay beside it for whoever asks what
 * the person saw. The risk level is about the scores alone, so it is unknown.
 */
export function ruledVerdict(state: State): Verdict | undefined {
  const { ruled } = state.assignment;
  if (ruled === undefined) return undefined;
  const reasons = [reason(REASON_OF[ruled], 'OPERATOR')];
  return {
    outcome: outcomeOf(reasons),
    reasons,
    retryAdvice: adviceFor(reasons, { redriveable: false }),
    riskLevel: 'UNKNOWN',
    comparisons: concludedVerdict(state)?.comparisons ?? [],
  };
}
