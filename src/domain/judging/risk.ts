import type { FarLevel } from '../policy.ts';
import type { Reason } from '../reasons.ts';
import type { ComparisonVerdict, RiskLevel } from '../verdict.ts';
import type { LivenessAnswer } from './answer.ts';

/** Risk by the strictest false-accept level that was met (docs/messages.md, Outcome). */
const RISK_OF: Readonly<Record<FarLevel, RiskLevel>> = { '1e-6': 'LOW', '1e-5': 'LOW', '1e-4': 'MEDIUM', '1e-3': 'HIGH' };
const WORST_FIRST: readonly RiskLevel[] = ['HIGH', 'MEDIUM', 'LOW'];

/**
 * Risk of a verdict that rests on an answer: HIGH for a failed liveness check or a sign of attack; otherwise by the weakest required
 * comparison, HIGH if it meets no level. UNKNOWN whenever anything but the score itself stands in the way.
 */
export function riskOf(facts: {
  readonly liveness: LivenessAnswer;
  readonly reasons: readonly Reason[];
  readonly comparisons: readonly ComparisonVerdict[];
}): RiskLevel {
  if (facts.liveness.result === 'FAIL' || facts.reasons.some(({ code }) => code === 'ATTACK_SUSPECTED')) return 'HIGH';
  if (facts.reasons.some(({ code }) => code !== 'MATCH_BELOW_THRESHOLD')) return 'UNKNOWN';
  const risks = facts.comparisons
    .filter(({ required }) => required)
    .map(({ farLevelMet }) => (farLevelMet === undefined ? 'HIGH' : RISK_OF[farLevelMet]));
  return WORST_FIRST.find((level) => risks.includes(level)) ?? 'UNKNOWN';
}
