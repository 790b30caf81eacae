import type { ReadReport } from '../reading/report.ts';
import type { QuotaRule } from '../reading/slots.ts';
import type { ReadTrigger, State } from '../state.ts';

export const RULINGS = ['APPROVED', 'REJECTED'] as const;

/** What a person decides of a verification by hand (ADR 0022). */
export type Ruling = {
  readonly verdict: (typeof RULINGS)[number];
  /** Who looked at it; pseudonymous, because it goes into the outcome. */
  readonly reviewer: string;
  /** The latest revision then, 0 if there was none. It rules upon that one alone. */
  readonly upon: number;
};

/** Who repeats a finished verification and why. `requiredFar` and the like are in the policy of the input. */
export type ReplayOrder = {
  /** The run that ingress started: its memo carries the stamp. */
  readonly homeRunId: string;
  readonly operator: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly requestedAt: string;
  /** The order that this one follows, if that was given no earlier by the clock of another machine: this one is newer. */
  readonly after?: string;
  /** A person decides, and nothing is asked again. */
  readonly ruling?: Ruling;
  /** A person has decided before: that outcome is told again, and nothing is asked or decided. */
  readonly repeats?: Ruling;
};

/** Which run asks and what it knows of the reads: for the quota guard and the ledger (ADR 0010). */
export type AskingRun = QuotaRule & {
  /** From `workflowInfo()`; the activity compares it with its own run id, which a reset cannot copy. */
  readonly originalRunId: string;
  /** True if the run's memo carries the ingress stamp. */
  readonly stamped: boolean;
  /** Reads that this run knows of and that count, the one asked for aside. */
  readonly countedReads: number;
  /** How many of these it knows the vendor's answer of. Absent: as many as count. */
  readonly answeredReads?: number;
  /** How many of these may not have been made, which the ledger can say. Absent: none. */
  readonly unconfirmedReads?: number;
  readonly deadlineAt: string;
  /** From `VerificationInput.replay`. */
  readonly replay?: ReplayOrder;
};

/** One read as the ledger knows it, of whatever run of the verification. */
export type LedgerRead = {
  readonly scheduledAt: string;
  readonly trigger?: ReadTrigger;
  readonly endedAt?: string;
  /** UNCERTAIN if nothing more will be heard of it. */
  readonly report: ReadReport;
  /** Number of its grant; absent: a read of the home run. */
  readonly granted?: number;
};

/** The work was not done: the ledger knows better than the run that asked. It takes these for all reads and decides again. */
export type RecoveredReads = { readonly kind: 'RECOVERED'; readonly reads: readonly LedgerRead[] };

/** To whom something is granted: to the one activity whose history will tell what came of it. */
export type GrantedTo = {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly replay?: ReplayOrder;
};

/**
 * True if a replayed run knows of a dispatch only that its worker is lost: whether it was granted, and so perhaps sent,
 * the ledger can say. A report with `sentAt` comes from a worker that had the grant.
 */
export function isUnconfirmed({ assignment }: State, report: ReadReport): boolean {
  if (assignment.replayedAtMs === undefined || report.kind !== 'UNCERTAIN') return false;
  return report.cause === 'WORKER_LOST' && report.sentAt === undefined;
}

/** How many reads the ledger has yet to confirm; none once it was recovered. */
export function unconfirmedReads({ reads }: State): number {
  return reads.filter(({ unconfirmed }) => unconfirmed === true).length;
}
