import type { PlanLine } from '../../operator/replay/plan-line.ts';
import { saidText, whyText } from '../../operator/replay/plan-text.ts';

const ACTION_WIDTH = 9;
const OUTCOME_WIDTH = 34;

/** One line a verification: id, action, present outcome, reads, window, why. */
export function renderPlanLine(line: PlanLine): string {
  const cells = [
    line.verificationId,
    line.action.padEnd(ACTION_WIDTH),
    saidText(line.present).padEnd(OUTCOME_WIDTH),
    readsText(line).padEnd(22),
    windowText(line).padEnd(11),
    whyText(line),
  ];
  return `${cells.join('  ').trimEnd()}\n`;
}

/** The same for programs. */
export function planJson(line: PlanLine): string {
  return `${JSON.stringify({ ...line, why: whyText(line) })}\n`;
}

function readsText({ reads }: PlanLine): string {
  if (reads === undefined) return '–';
  return `${reads.used} of ${reads.limit} used${reads.atMost === 0 ? '' : `, ≤${reads.atMost} more`}`;
}

function windowText({ window }: PlanLine): string {
  if (window === undefined) return '–';
  if (window.leftMs === 0) return 'passed';
  const minutes = Math.floor(window.leftMs / 60_000);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes === 0 ? `${Math.floor(window.leftMs / 1_000)} s` : `${minutes} min`;
}
