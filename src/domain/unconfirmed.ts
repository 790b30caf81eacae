import type { ReadReport } from './read-report.ts';
import type { State } from './state.ts';

/**
 * True if a replayed run knows of a dispatch only that its worker is lost: whether it was reserved, and so perhaps sent,
 * the ledger can say. A report with `sentAt` comes from a worker that had the reservation.
 */
export function isUnconfirmed({ assignment }: State, report: ReadReport): boolean {
  if (assignment.replayedAtMs === undefined || report.kind !== 'UNCERTAIN') return false;
  return report.cause === 'WORKER_LOST' && report.sentAt === undefined;
}

/** How many reads the ledger has yet to confirm; none once it was recovered. */
export function unconfirmedReads({ reads }: State): number {
  return reads.filter(({ unconfirmed }) => unconfirmed === true).length;
}
