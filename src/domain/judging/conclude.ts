import { exhausted } from '../exhaustive.ts';
import { deniesToken, hasInternalError, isPassingDoubt, reportedAtMs } from '../reading/backoff.ts';
import { remainingPlan, slotsBesidesReserve } from '../reading/planned-times.ts';
import type { ReadReport } from '../reading/report.ts';
import { readFates, accountOf } from '../reading/slots.ts';
import { adviceFor } from '../reasons.ts';
import type { ReadRecord, State } from '../state.ts';
import type { Verdict } from '../verdict.ts';
import type { Answer } from './answer.ts';
import type { Criteria } from './compare.ts';
import { definiteEnding, deniedEnding, type ErrorReport } from './error-endings.ts';
import { isIncomplete } from './incomplete.ts';
import { judge } from './judge.ts';
import { isRedriveable, unjudged } from './unjudged.ts';

/** The verdict that the reads made so far settle, if any. Each read is taken with what was known when it ended. */
export function concludedVerdict(state: State): Verdict | undefined {
  return settled(state)?.verdict;
}

/** The reads that an outcome tells of: those up to the one that settled it, or all if none did. What came later changed nothing. */
export function tellingReads(state: State): readonly ReadRecord[] {
  const index = settled(state)?.index;
  return index === undefined ? state.reads : state.reads.slice(0, index + 1);
}

/** The last readable answer that these reports hold: what the outcome's numbers and its evidence come from. */
export function lastAnswerOf(told: readonly (ReadReport | undefined)[]): Extract<ReadReport, { kind: 'ANSWER' }> | undefined {
  return told.findLast((report) => report?.kind === 'ANSWER');
}

export function tellingAnswer(state: State): Answer | undefined {
  return lastAnswerOf(tellingReads(state).map(({ report }) => report))?.answer;
}

function settled(state: State): { readonly verdict: Verdict; readonly index: number } | undefined {
  const asideUntilMs = setAsideUntilMs(state);
  for (const [index, read] of state.reads.entries()) {
    // Hundreds of reads may have been given back; only the few that say something are worth a look.
    if (read.report === undefined || !isTelling(read.report)) continue;
    const verdict = verdictAfter({ ...state, reads: state.reads.slice(0, index + 1) }, { read, report: read.report });
    const asksAgain = index < state.reads.length - 1 || read.scheduledAtMs < asideUntilMs;
    if (verdict !== undefined && !(verdict.outcome === 'ERROR' && asksAgain)) return { verdict, index };
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

function verdictAfter(state: State, { read, report }: Ended): Verdict | undefined {
  const at = { state, atMs: reportedAtMs(read) };
  switch (report.kind) {
    case 'ANSWER':
      return concludeAnswer(at, { read, report });
    case 'MALFORMED':
      return mayReread(state) ? undefined : unjudged(['MALFORMED_RESPONSE'], at);
    case 'VENDOR_ERROR':
      return concludeError(at, { read, report });
    case 'WITHHELD':
      return report.why === 'REDISPATCHED' ? undefined : unjudged(['READ_WITHHELD'], at);
    default:
      return exhausted(report, undefined);
  }
}

function concludeError(at: At, { read, report }: { readonly read: ReadRecord; readonly report: ErrorReport }): Verdict | undefined {
  if (report.error === 'DATA_DESTROYED') return unjudged([whyDestroyed(at.state, read)], at);
  const definite = definiteEnding(report);
  if (definite !== undefined) return unjudged([definite], at);
  // One re-check: replication, or a region that is not quite up to date (docs/vendor.md, error playbook).
  return deniesToken(report) && timesDenied(at.state) > 1 ? unjudged([deniedEnding(report)], at) : undefined;
}

type At = { readonly state: State; readonly atMs: number };
type Readable = { readonly read: ReadRecord; readonly report: Extract<ReadReport, { kind: 'ANSWER' }> };

function concludeAnswer(at: At, { read, report }: Readable): Verdict | undefined {
  const { answer } = report;
  const judgement = judge(answer, criteriaOf(at.state));
  if (judgement.kind === 'VERDICT') {
    const asksAgain = isIncomplete(report, criteriaOf(at.state)) && mayAskAgain(at.state, read) && mayReread(at.state);
    return asksAgain ? undefined : readvised(judgement.verdict, at);
  }
  if (judgement.kind === 'REREAD') return mayReread(at.state) ? undefined : readvised(judgement.otherwise, at);
  // Asked after expiry: a session that had begun would not be NOT_STARTED, and none can begin any more.
  const dead = answer.status === 'NOT_STARTED' && read.scheduledAtMs > at.state.assignment.tokenExpiresAtMs;
  return dead ? unjudged(['NEVER_STARTED'], at) : undefined;
}

/** A replay finds a verdict in what was read before it, if need be by other criteria. */
function mayAskAgain({ assignment: { replayedAtMs } }: State, { scheduledAtMs }: ReadRecord): boolean {
  return replayedAtMs === undefined || scheduledAtMs >= replayedAtMs;
}

/** Judging alone cannot know whether the same token may be asked again. */
export function readvised(verdict: Verdict, { state, atMs }: At): Verdict {
  return { ...verdict, retryAdvice: adviceFor(verdict.reasons, { redriveable: isRedriveable(state, atMs) }) };
}

/** An answer that said nothing may be asked for once more, but never from the reserve. */
function mayReread(state: State): boolean {
  const useless = state.reads.filter(({ report }) => report !== undefined && isUseless(report, state));
  return useless.length <= 1 && slotsBesidesReserve(accountOf(state).left, remainingPlan(state)) > 0;
}

function isUseless(report: ReadReport, state: State): boolean {
  return report.kind === 'MALFORMED' || hasInternalError(report) || isIncomplete(report, criteriaOf(state));
}

function timesDenied(state: State): number {
  return state.reads.filter(({ report }) => report !== undefined && deniesToken(report)).length;
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
