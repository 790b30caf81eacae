import { adviceFor } from './advice.ts';
import { failed, hasInternalError } from './backoff.ts';
import { destroyedVerdict, verdictFor } from './endings.ts';
import { deadlineMs } from './initial-state.ts';
import { judge, type Judgement } from './judge.ts';
import type { ReadReport } from './read-report.ts';
import { reason } from './reasons.ts';
import { remainingPlan, slotsBesidesReserve } from './schedule.ts';
import { spending } from './slots.ts';
import type { ReadRecord, State } from './state.ts';
import type { Verdict } from './verdict.ts';

/** The verdict that the reads made so far settle, if any. Each read is taken with what was known when it ended. */
export function settledVerdict(state: State): Verdict | undefined {
  for (const [index, read] of state.reads.entries()) {
    if (read.report === undefined) continue;
    const verdict = settle({ ...state, reads: state.reads.slice(0, index + 1) }, { read, report: read.report });
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

type Ended = { readonly read: ReadRecord; readonly report: ReadReport };

function settle(state: State, { read, report }: Ended): Verdict | undefined {
  switch (report.kind) {
    case 'EVIDENCE': {
      if (report.evidence.status === 'NOT_STARTED' && neverStarts(state, read)) return neverStarted(report.evidence.contradictions);
      return settleJudged(state, judge(report.evidence, criteriaOf(state)));
    }
    case 'VENDOR_ERROR':
      if (report.error === 'DATA_DESTROYED') return destroyedVerdict(state, read);
      if (report.error === 'RESULT_NOT_FOUND' && timesUnknown(state) > 1) return verdictFor(state, ['TOKEN_UNKNOWN']);
      return undefined;
    case 'MALFORMED':
      return mayReread(state) ? undefined : verdictFor(state, ['MALFORMED_RESPONSE']);
    case 'WITHHELD':
      return report.why === 'REDISPATCHED' ? undefined : verdictFor(state, ['READ_WITHHELD']);
    case 'UNCERTAIN':
    case 'UNSENT':
      return undefined;
  }
}
