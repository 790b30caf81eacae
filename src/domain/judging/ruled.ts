import { adviceFor, outcomeOf, reason } from '../reasons.ts';
import type { State } from '../state.ts';
import type { Verdict } from '../verdict.ts';
import { criteriaOf, tellingAnswer } from './conclude.ts';
import { judge, verdictOf } from './judge.ts';

/** The reason of each decision. */
export const RULED_REASON = { APPROVED: 'MANUAL_APPROVED', REJECTED: 'MANUAL_REJECTED' } as const;

/**
 * The verdict of a person, whatever the reads say; undefined if none was given. Scores and risk level stay those of the reads:
 * a decision changes nothing about what was measured.
 */
export function ruledVerdict(state: State): Verdict | undefined {
  const { ruled } = state.assignment;
  if (ruled === undefined) return undefined;
  const reasons = [reason(RULED_REASON[ruled], 'OPERATOR')];
  const answer = tellingAnswer(state);
  const measured = answer && verdictOf(judge(answer, criteriaOf(state)));
  return {
    outcome: outcomeOf(reasons),
    reasons,
    retryAdvice: adviceFor(reasons, { redriveable: false }),
    riskLevel: measured?.riskLevel ?? 'UNKNOWN',
    comparisons: measured?.comparisons ?? [],
  };
}
