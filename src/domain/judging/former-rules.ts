import type { ReadReport } from '../reading/report.ts';
import { fateOf, isCredible } from '../reading/slots.ts';
import type { State } from '../state.ts';
import { criteriaOf } from './conclude.ts';
import { isIncomplete } from './incomplete.ts';

/**
 * True for a report that version 0.1 took otherwise, so that the next thing it did was another: it waited for the planned
 * time after RESULT_NOT_FOUND, gave the slot of any refusal back, and ended with an incomplete answer. A run whose history
 * goes on from there has to take it likewise, hence `ReadRecord.formerRules`.
 */
export function isJudgedAnew(state: State, report: ReadReport): boolean {
  if (report.kind === 'VENDOR_ERROR') {
    const asRefusal = fateOf({ ...report, httpStatus: 403 }, state.assignment.policy) === 'REFUSED';
    return report.error === 'RESULT_NOT_FOUND' || (asRefusal && !isCredible(report));
  }
  return isIncomplete(report, criteriaOf(state));
}
