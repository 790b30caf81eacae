import { durationText, fromNowText } from '../../contracts/text/duration.ts';
import type { Progress, VerificationRow } from '../../operator/ports.ts';
import { oneLine } from '../../operator/timeline/lines.ts';
import { renderTable } from '../table.ts';

const HEADER = ['Verification', 'Status', 'Stage', 'Outcome', 'Reason', 'Reads', 'Age', 'Deadline', 'Next read'] as const;

export type ListedRow = VerificationRow & { readonly progress?: Progress };

/** Verifications as a table for people: times as distances from now. */
export function listTable(rows: readonly ListedRow[], nowMs: number): string {
  return rows.length === 0
    ? 'none\n'
    : renderTable(
        HEADER,
        rows.map((row) => cellsOf(row, nowMs)),
      );
}

function cellsOf(row: ListedRow, nowMs: number): readonly string[] {
  const { verificationId, status, stage = '–', outcome = '–', reason = '–', readsCounted, startedAt, deadlineAt, closedAt, progress } = row;
  const uncertain = progress?.uncertainReads ?? 0;
  const reads = readsCounted === undefined ? '–' : `${readsCounted}${uncertain === 0 ? '' : ` (${uncertain} uncertain)`}`;
  const age = durationText(nowMs - Date.parse(startedAt));
  const deadline = deadlineAt === undefined || closedAt !== undefined ? '–' : fromNowText(Date.parse(deadlineAt), nowMs);
  // Search attributes can be written by hand.
  return [verificationId, status, stage, outcome, reason, reads, age, deadline, nextOf(progress, nowMs)].map(oneLine);
}

function nextOf(progress: Progress | undefined, nowMs: number): string {
  if (progress?.parkedSince !== undefined) return `untaken for ${durationText(nowMs - Date.parse(progress.parkedSince))}`;
  return progress?.nextReadAt === undefined ? '–' : fromNowText(Date.parse(progress.nextReadAt), nowMs);
}
