import type { ReadReport } from '../reading/report.ts';
import { primaryOf } from '../reasons.ts';
import type { Criteria } from './compare.ts';
import { judge } from './judge.ts';

/**
 * True for an OK in which what decides is not there (`[]` stands for `{}`): a required comparison, its thresholds, or the
 * liveness result. The vendor may not have finished writing, so another look may bring it. An error explains an absence,
 * and whatever else ends the verification first needs no other look.
 */
export function isIncomplete(report: ReadReport, criteria: Criteria): boolean {
  if (report.kind !== 'ANSWER' || report.answer.status !== 'OK' || report.answer.verifyError !== undefined) return false;
  const judgement = judge(report.answer, criteria);
  const primary = judgement.kind === 'VERDICT' ? primaryOf(judgement.verdict.reasons) : undefined;
  if (primary?.code === 'LIVENESS_INDETERMINATE') return report.answer.liveness.result === 'ABSENT';
  return primary?.code === 'COMPARE_MISSING' || primary?.code === 'THRESHOLD_MISSING';
}
