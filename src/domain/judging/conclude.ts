import { exhausted } from '../exhaustive.ts';
import { endMs, hasInternalError, isPassingDoubt } from '../reading/backoff.ts';
import { remainingPlan, slotsBesidesReserve } from '../reading/planned-times.ts';
import type { ReadReport } from '../reading/report.ts';
import { readFates, accountOf } from '../reading/slots.ts';
import { adviceFor } from '../reasons.ts';
import type { ReadRecord, State } from '../state.ts';
import type { Verdict } from '../verdict.ts';
import type { Answer } from './answer.ts';
import type { Criteria } from './compare.ts';
import { judge } from './judge.ts';
import { isRedriveable, unjudged } from './unjudged.ts';

/** The verdict that the reads made so far settle, if any. Each read is taken with what was known when it ended. */
export function concludedVerdict(state: State): Verdict | undefined {
  const asideUntilMs = setAsideUntilMs(state);
  for (const [index, read] of state.reads.entries()) {
    // Hundreds of reads may have been given back; only the few that say something are worth a look.
    if (read.report === undefined || !isTelling(read.report)) continue;
    const verdict = settle({ ...state, reads: state.reads.slice(0, index + 1) }, { read, report: read.report });
    const asksAgain = index < state.reads.length - 1 || read.scheduledAtMs < asideUntilMs;
    if (verdict !== undefined && !(verdict.outcome === 'ERROR' && asksAgain)) return verdict;
  }
  return undefined;
}

/**
 * ERROR means "we do not know", so an operator's replay asks again (ADR 0012): an ERROR settled before this instant is set
 * aside, if a slot and time were left when the replay was asked for. Once a read follows it, that read alone shows that it
 * was set aside. No other verdict is ever set aside, and without a replay no read follows a verdict.
 */
function setAsideUntilMs(state: State): number {
  const { replayedAtMs } = state.assignment;
  if (replayedAtMs === undefined) return Number.NEGATIVE_INFINITY;
  const before = { ...state, reads: state.reads.filter(({ scheduledAtMs }) => scheduledAtMs < replayedAtMs) };
  return isRedriveable(before, replayedAtMs) ? replayedAtMs : Number.NEGATIVE_INFINITY;
}

/** What decides in this verification; also for judging its recorded answer again. */
export function criteriaOf({ assignment }: State): Criteria {
  return { comparisons: assignment.comparisons, requiredFar: assignment.policy.requiredFar };
}

type Telling = Exclude<ReadReport, { kind: 'UNSENT' | 'UNCERTAIN' }>;
/** A read of which nothing is known, or that may be made yet, settles nothing. */
function isTelling(report: ReadReport): report is Telling {
  return report.kind !== 'UNSENT' && report.kind !== 'UNCERTAIN' && !isPassingDoubt(report);
}

type Ended = { readonly read: ReadRecord; readonly report: Telling };

function settle(state: State, { read, report }: Ended): Verdict | undefined {
  const at = { state, atMs: endMs(read) };
  switch (report.kind) {
    case 'ANSWER':
      return concludeAnswer(at, { read, answer: report.answer });
    case 'MALFORMED':
      return mayReread(state) ? undefined : unjudged(['MALFORMED_RESPONSE'], at);
    case 'VENDOR_ERROR':
      if (report.error === 'DATA_DESTROYED') return unjudged([whyDestroyed(state, read)], at);
      // One delayed re-check: the vendor's copies may not be up to date yet (docs/vendor.md, "Error playbook").
      return timesUnknown(state) > 1 ? unjudged(['TOKEN_UNKNOWN'], at) : undefined;
    case 'WITHHELD':
      return report.why === 'REDISPATCHED' ? undefined : unjudged(['READ_WITHHELD'], at);
    default:
      return exhausted(report, undefined);
  }
}

type At = { readonly state: State; readonly atMs: number };
type Readable = { readonly read: ReadRecord; readonly answer: Answer };

function concludeAnswer(at: At, { read, answer }: Readable): Verdict | undefined {
  const judgement = judge(answer, criteriaOf(at.state));
  if (judgement.kind === 'VERDICT') return readvised(judgement.verdict, at);
  if (judgement.kind === 'REREAD') return mayReread(at.state) ? undefined : readvised(judgement.otherwise, at);
  // Asked after expiry: a session that had begun would not be NOT_STARTED, and none can begin any more.
  const dead = answer.status === 'NOT_STARTED' && read.scheduledAtMs > at.state.assignment.tokenExpiresAtMs;
  return dead ? unjudged(['NEVER_STARTED'], at) : undefined;
}

/** Judging alone cannot know whether the same token may be asked again. */
export function readvised(verdict: Verdict, { state, atMs }: At): Verdict {
  return { ...verdict, retryAdvice: adviceFor(verdict.reasons, { redriveable: isRedriveable(state, atMs) }) };
}

/** An answer that said nothing may be asked for once more, but never from the reserve. */
function mayReread(state: State): boolean {
  const useless = state.reads.filter(({ report }) => report?.kind === 'MALFORMED' || (report && hasInternalError(report)));
  return useless.length <= 1 && slotsBesidesReserve(accountOf(state).left, remainingPlan(state)) > 0;
}

function timesUnknown(state: State): number {
  return state.reads.filter(({ report }) => report?.kind === 'VENDOR_ERROR' && report.error === 'RESULT_NOT_FOUND').length;
}

/**
 * The vendor has one code for "too late" and "too often" (docs/vendor.md row 34); our own record tells which. Refused
 * requests are taken into account: this answer suggests that the vendor counted them.
 */
function whyDestroyed(state: State, read: ReadRecord): 'QUOTA_EXHAUSTED' | 'WINDOW_PASSED' | 'RESULT_DESTROYED_UNEXPLAINED' {
  const { issuedAtMs, policy } = state.assignment;
  const before = readFates(state).filter(({ record, fate }) => record !== read && fate !== 'UNSENT' && fate !== 'WITHHELD').length;
  if (before >= policy.maxReads) return 'QUOTA_EXHAUSTED';
  // The last 24th of the window (1 h of 24 h) is our margin for skewed clocks and an unknown start of the day.
  return read.scheduledAtMs >= issuedAtMs + policy.windowMs * (23 / 24) ? 'WINDOW_PASSED' : 'RESULT_DESTROYED_UNEXPLAINED';
}
