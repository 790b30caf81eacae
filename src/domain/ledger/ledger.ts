import { defined } from '../defined.ts';
import { exhausted } from '../exhaustive.ts';
import type { AskingRun, LedgerRead, GrantedTo } from './asking-run.ts';
import type { OutcomeEvent } from '../outcome.ts';
import { isAnswered, type LedgerDoubt, type ReadReport } from '../reading/report.ts';
import { isCounted, type QuotaRule, fatesOf } from '../reading/slots.ts';
import type { LedgerRecord, ReadTrigger } from '../state.ts';

/** How a scheduled activity ended, as history tells. OPEN: it has no closing event. */
export type ActivityEnd =
  | { readonly kind: 'COMPLETED'; readonly at: string; readonly report?: ReadReport }
  | { readonly kind: 'NEVER_STARTED'; readonly at: string }
  | { readonly kind: 'FAILED'; readonly at: string }
  | { readonly kind: 'OPEN' };

/** One `ActivityTaskScheduled` event of `getResult` with what became of it. */
export type ScheduledRead = {
  readonly activityId: string;
  readonly scheduledAt: string;
  readonly trigger?: ReadTrigger;
  readonly end: ActivityEnd;
};

/** What decides whether another run may read for the home run's token: equal, or somebody changed the input. */
export type Terms = QuotaRule & { readonly deadlineAt: string };

/** The digest of one run's whole history. */
export type RunFacts = {
  readonly runId: string;
  readonly originalRunId: string;
  /** Its memo carries the ingress stamp. */
  readonly stamped: boolean;
  /** Its history has ended: it will schedule nothing any more. */
  readonly closed: boolean;
  readonly terms?: Terms;
  readonly reads: readonly ScheduledRead[];
  /** The event that it emitted, or that its `emitOutcome` was scheduled with: sent perhaps, whatever the activity answered. */
  readonly emitted?: OutcomeEvent;
  /** It ended before any workflow task that knew of its last read did; such a task may have emitted at once (ADR 0018). */
  readonly lastTaskLost?: true;
};

/** A grant that somebody took. `by`: who, if its input says so. `facts`: the history of that run, if it still exists. */
export type TakenRead = { readonly read: number; readonly takenAt: string; readonly by?: GrantedTo; readonly facts?: RunFacts };

/** The authoritative account of one verification's reads. */
export type Ledger = {
  readonly homeRunId: string;
  readonly terms?: Terms;
  /** Every read ever made for it: those of the home run, then the granted ones. */
  readonly reads: readonly LedgerRead[];
  /** How many of them count against the quota. */
  readonly counted: number;
  /** How many of these the vendor looked at for certain. */
  readonly answered: number;
  /** Numbers that may still be granted, ascending. */
  readonly free: readonly number[];
  /** What the home run emitted, or was about to. */
  readonly emitted?: OutcomeEvent;
  /** The home run may have emitted its outcome at once; what it said, its history does not hold. */
  readonly mayHaveEmitted?: true;
};

export type LedgerAnswer =
  | { readonly kind: 'KNOWN'; readonly ledger: Ledger }
  /** `runIds`: the runs among which the home run was searched for. */
  | { readonly kind: 'UNKNOWN'; readonly doubt: LedgerDoubt; readonly runIds?: readonly string[] };

/** How many reads of the home run count. Grants are numbered from the next one on. */
export function homeReadsCounted(home: RunFacts, rule: QuotaRule): number {
  return countOf(home.reads.map(readOf), rule);
}

/**
 * The ledger of a verification from its home run and the grants taken beyond it (ADR 0010). Reads are counted by the rule
 * of the run that asks, because it compares them with its own count; what is left is counted by the home run's. Pure.
 */
export function ledgerOf(home: RunFacts, { rule, taken }: { readonly rule: QuotaRule; readonly taken: readonly TakenRead[] }): Ledger {
  const terms = home.terms ?? rule;
  const ofHome = homeReadsCounted(home, terms);
  const beyond = Array.from({ length: Math.max(0, terms.maxReads - ofHome) }, (_, index) => ofHome + index + 1);
  const reads = [...home.reads.map(readOf), ...taken.map(grantedReadOf)];
  return {
    homeRunId: home.runId,
    ...defined({ terms: home.terms }),
    reads,
    counted: countOf(reads, rule),
    answered: fatesOf(reads, rule).filter(({ fate }) => fate === 'ANSWERED').length,
    free: beyond.filter((number) => taken.every(({ read }) => read !== number)),
    ...defined({ emitted: home.emitted }),
    ...(mayHaveEmitted(home) ? { mayHaveEmitted: true } : {}),
  };
}

/** Only an answer can settle at once, and PROCESSING never does. What nobody here can read (another release's) may be one. */
function mayHaveEmitted({ lastTaskLost, reads }: RunFacts): boolean {
  const end = reads.at(-1)?.end;
  if (lastTaskLost !== true || end?.kind !== 'COMPLETED') return false;
  const { report } = end;
  if (report === undefined) return true;
  return isAnswered(report) && (report.kind !== 'ANSWER' || report.answer.status !== 'PROCESSING');
}

export type AwayDispatch =
  | { readonly kind: 'RECOVERED'; readonly reads: readonly LedgerRead[] }
  | { readonly kind: 'GRANT'; readonly read: number }
  | { readonly kind: 'REFUSE'; readonly why: 'NO_SLOT_LEFT' | 'LEDGER_UNKNOWN'; readonly doubt?: LedgerDoubt };

/** What a run that is not the home run may do about a read. Any doubt refuses. */
export function awayDispatch(answer: LedgerAnswer, asking: AskingRun): AwayDispatch {
  if (answer.kind === 'UNKNOWN') return { kind: 'REFUSE', why: 'LEDGER_UNKNOWN', doubt: answer.doubt };
  const { ledger } = answer;
  if (knowsBetter(ledger, asking)) return { kind: 'RECOVERED', reads: ledger.reads };
  if (!sameTerms(ledger.terms, asking)) return { kind: 'REFUSE', why: 'LEDGER_UNKNOWN', doubt: 'OTHER_TERMS' };
  const read = ledger.free[0];
  return read === undefined ? { kind: 'REFUSE', why: 'NO_SLOT_LEFT' } : { kind: 'GRANT', read };
}

/**
 * True if the run that asks has to take the ledger's account for its own before it goes on. There are two cases. The run
 * knows of fewer reads or answers, because other runs made them, or a dispatch that a reset repeated. Or it counts a
 * dispatch that ended before it was granted a read, and so before any request (ADR 0010), or cannot tell whether one did.
 * Both sides count by the same rule, so a run that has learnt the account agrees with it, and is not sent back again.
 */
export function knowsBetter(
  ledger: Pick<Ledger, 'counted' | 'answered'>,
  {
    countedReads,
    answeredReads = countedReads,
    unconfirmedReads = 0,
  }: Pick<AskingRun, 'countedReads' | 'answeredReads' | 'unconfirmedReads'>,
): boolean {
  if (ledger.counted > countedReads || ledger.answered > answeredReads) return true;
  // An answer that only this run still knows is never given up: the history that held it may be deleted.
  return ledger.answered === answeredReads && (ledger.counted < countedReads || unconfirmedReads > 0);
}

/** The input of a run can be edited by whoever starts it; a longer window or a larger quota must not buy a read. */
function sameTerms(home: Terms | undefined, asking: Terms): boolean {
  return (
    home !== undefined &&
    home.maxReads === asking.maxReads &&
    home.maxRefusals === asking.maxRefusals &&
    home.countRefused === asking.countRefused &&
    Date.parse(home.deadlineAt) === Date.parse(asking.deadlineAt)
  );
}

/** The domain's view of recovered reads: instants as epoch milliseconds. */
export function ledgerRecords(reads: readonly LedgerRead[]): readonly LedgerRecord[] {
  return reads.map(({ scheduledAt, trigger = 'SCHEDULE', endedAt, report, granted }) => ({
    scheduledAtMs: Date.parse(scheduledAt),
    trigger,
    report,
    ...(endedAt === undefined ? {} : { endedAtMs: Date.parse(endedAt) }),
    ...defined({ granted }),
  }));
}

function countOf(reads: readonly LedgerRead[], rule: QuotaRule): number {
  return fatesOf(reads, rule).filter(({ fate }) => isCounted(fate)).length;
}

function readOf({ scheduledAt, trigger, end }: ScheduledRead): LedgerRead {
  const report = reportOf(end, scheduledAt);
  return {
    scheduledAt,
    ...defined({ trigger }),
    ...(end.kind === 'OPEN' ? {} : { endedAt: end.at }),
    report,
  };
}

function grantedReadOf({ read, takenAt, by, facts }: TakenRead): LedgerRead {
  const made = facts?.reads.find(({ activityId }) => activityId === by?.activityId);
  const known: LedgerRead = made === undefined ? { scheduledAt: takenAt, report: lost(takenAt) } : readOf(made);
  // A refusal does not tell what happened once the grant was taken, and must not settle other runs.
  const report = known.report.kind === 'WITHHELD' ? lost(known.report.endedAt) : known.report;
  return { ...known, report, granted: read };
}

/**
 * What the ledger says of a read that ended so. Only a time-out before any worker took it proves that nothing was sent; an answer
 * that is not readable proves nothing.
 */
export function reportOf(end: ActivityEnd, scheduledAt: string): ReadReport {
  switch (end.kind) {
    case 'COMPLETED':
      return end.report ?? lost(end.at);
    case 'NEVER_STARTED':
      return { kind: 'UNSENT', cause: 'NO_WORKER', endedAt: end.at };
    case 'FAILED':
      return lost(end.at);
    case 'OPEN':
      return lost(scheduledAt);
    default:
      return exhausted(end);
  }
}

function lost(endedAt: string): ReadReport {
  return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt };
}
