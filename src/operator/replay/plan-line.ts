import type { FarLevel } from '../../domain/policy.ts';
import type { LedgerDoubt } from '../../domain/reading/report.ts';
import { primaryOf } from '../../domain/reasons.ts';
import type { OutcomeKind } from '../../domain/verdict.ts';

/**
 * RE_EMIT: the latest outcome again, byte for byte. RE_DECIDE: the reads made so far give another outcome, the next
 * revision. READ: there is no verdict, and reads and time are left. DECIDE: a person's decision, the next revision.
 * REFUSE: nothing can come of it.
 */
export const REPLAY_ACTIONS = ['RE_EMIT', 'RE_DECIDE', 'READ', 'DECIDE', 'REFUSE'] as const;
export type ReplayAction = (typeof REPLAY_ACTIONS)[number];

export const PLAN_CODES = [
  'VERDICT_UNCHANGED',
  'EMISSION_UNCONFIRMED',
  'OTHER_VERDICT',
  'NO_OUTCOME_YET',
  'NO_VERDICT',
  'FOR_REVIEW',
  'OVERRIDDEN',
  'ALREADY_DECIDED',
  'DECIDED_BY_HAND',
  'NOT_FOUND',
  'STILL_RUNNING',
  'ERASED',
  'NO_LONGER_SELECTED',
  'QUOTA_EXHAUSTED',
  'WINDOW_PASSED',
  'RESULT_DESTROYED',
  'LEDGER_UNKNOWN',
  'NOT_FOR_REVIEW',
  'DECIDED_OTHERWISE',
  'OTHER_REVISION',
  'UNREADABLE',
] as const;
export type PlanCode = (typeof PLAN_CODES)[number];

/** What it was selected by in visibility, which may show the outcome of an earlier run. */
export type SelectedBy = { readonly outcome?: string; readonly reason?: string };

/** What decides about the answer; absent: as the present outcome was decided. */
export type PolicyAsked = { readonly requiredFar?: FarLevel; readonly comparisons?: readonly string[] };

export type PlanPolicy = Required<PolicyAsked>;

/** What a replay of one verification would do. */
export type PlanLine = {
  readonly verificationId: string;
  readonly action: ReplayAction;
  readonly code: PlanCode;
  readonly doubt?: LedgerDoubt;
  /** With UNREADABLE: what went wrong. */
  readonly problem?: string;
  readonly homeRunId?: string;
  /** `atMost`: vendor reads that the replay may make. */
  readonly reads?: { readonly used: number; readonly left: number; readonly limit: number; readonly atMost: number };
  readonly window?: { readonly endsAt: string; readonly leftMs: number };
  /** The outcome that stands now. */
  readonly present?: {
    readonly ceId: string;
    readonly outcome: OutcomeKind;
    readonly reasons: readonly string[];
    /** Who decided it by hand. */
    readonly by?: string;
  };
  /** What RE_DECIDE and DECIDE emit. */
  readonly next?: { readonly outcome: OutcomeKind; readonly reasons: readonly string[] };
  /** What the replay decides by. */
  readonly policy?: PlanPolicy;
};

/** The line of a decision that is not about the latest outcome. */
export function otherRevision({ next: _other, ...line }: PlanLine): PlanLine {
  return { ...line, action: 'REFUSE', code: 'OTHER_REVISION' };
}

/** Why, in plain words for whoever reads the plan. */
export function whyText(line: PlanLine): string {
  const { code, reads, window, present, next, doubt, problem } = line;
  const left = reads === undefined ? '' : `${reads.left} of ${reads.limit} reads left`;
  const texts: Readonly<Record<PlanCode, string>> = {
    VERDICT_UNCHANGED: 'the reads say what was emitted: the same record again',
    EMISSION_UNCONFIRMED: 'decided, but Kafka never confirmed it: the same record again',
    OTHER_VERDICT: `the reads now say ${saidText(next)}: the next revision`,
    NO_OUTCOME_YET: `it ended without an outcome; the reads say ${saidText(next)}`,
    NO_VERDICT: `no verdict yet, ${left}`,
    FOR_REVIEW: `a person has looked at ${present?.ceId ?? 'it'}: ${saidText(next)}, the next revision`,
    OVERRIDDEN: `a person decides in the place of ${present?.ceId ?? 'an outcome'}: ${saidText(next)}, the next revision`,
    ALREADY_DECIDED: `${whoText(present)} has decided so: the same record again`,
    DECIDED_BY_HAND: `${whoText(present)} has decided it by hand, which no replay changes: the same record again`,
    NOT_FOUND: 'never started here, or past the retention of the namespace',
    STILL_RUNNING: 'it is still running',
    ERASED: 'somebody had its evidence erased (verdictflow evidence list): it is neither decided nor published again',
    NO_LONGER_SELECTED: `its outcome is ${saidText(present)} by now`,
    QUOTA_EXHAUSTED: 'no verdict, and every read is used: ask for a new token, or review it by hand',
    WINDOW_PASSED: `no verdict, and no time is left for a read${window === undefined ? '' : ` (window ${window.endsAt})`}: ask for a new token`,
    RESULT_DESTROYED: 'the vendor has destroyed the result: ask for a new token',
    LEDGER_UNKNOWN: `nobody can say how many reads were made${doubt === undefined ? '' : ` (${doubt})`}`,
    NOT_FOR_REVIEW: `its outcome is ${saidText(present)}, which asks for no decision; --override decides in its place`,
    DECIDED_OTHERWISE: `${whoText(present)} has decided it by hand: ${saidText(present)}; --override decides in its place`,
    OTHER_REVISION: `its latest outcome is ${present === undefined ? 'none' : `${present.ceId}, ${saidText(present)}`}: look at that first`,
    UNREADABLE: `it cannot be read${problem === undefined ? '' : ` (${problem})`}`,
  };
  return texts[code];
}

function whoText(present: PlanLine['present']): string {
  return present?.by ?? 'a person';
}

/** An outcome with the reason that decides, if one does; a dash if there is no outcome. */
export function saidText(said: { readonly outcome: string; readonly reasons: readonly string[] } | undefined): string {
  if (said === undefined) return '–';
  const primary = primaryOf(said.reasons.map((code) => ({ code })));
  return primary === undefined ? said.outcome : `${said.outcome} ${primary.code}`;
}

/** A whole plan in numbers. */
export type PlanTotals = {
  readonly verifications: number;
  readonly actions: Readonly<Record<ReplayAction, number>>;
  /** Refused because something is wrong with them, or with verdictflow. */
  readonly unreadable: number;
  /** Vendor reads that would be made at most. */
  readonly readsAtMost: number;
};

export const NO_TOTALS: PlanTotals = {
  verifications: 0,
  actions: { RE_EMIT: 0, RE_DECIDE: 0, READ: 0, DECIDE: 0, REFUSE: 0 },
  unreadable: 0,
  readsAtMost: 0,
};

export function addLine({ verifications, actions, unreadable, readsAtMost }: PlanTotals, line: PlanLine): PlanTotals {
  return {
    verifications: verifications + 1,
    actions: { ...actions, [line.action]: actions[line.action] + 1 },
    unreadable: unreadable + Number(line.code === 'UNREADABLE'),
    readsAtMost: readsAtMost + (line.reads?.atMost ?? 0),
  };
}

/** How many runs the plan would start. */
export function toStart({ verifications, actions }: PlanTotals): number {
  return verifications - actions.REFUSE;
}
