import type { SinceThen } from '../gate/gate.ts';
import { deadlineMs, type State } from '../state.ts';
import { isGateClosed, type ReadReport } from './report.ts';

/** True if the next read goes to the queue of all reads: the last one met a closed gate, or the account has a limit. */
export function isParked(state: State): boolean {
  return state.assignment.readsQueued === true || isGateClosed(lastReport(state));
}

/** The gate that the next read, or the one in flight, waits for. */
export function heldBy(state: State): SinceThen | undefined {
  const last = lastReport(state);
  return isGateClosed(last) ? last.gate : undefined;
}

function lastReport({ reads }: State): ReadReport | undefined {
  return reads.findLast(({ report }) => report !== undefined)?.report;
}

/** 1, 3, 6 and 12 hours: upper bounds of the time that is left, for the priorities 1 (first) to 4; whatever has longer has priority 5. */
const SOON_MS = [3_600_000, 10_800_000, 21_600_000, 43_200_000] as const;

/**
 * The priority of a read that is parked now: the nearer its deadline, the earlier it goes; equals go in the order in which
 * they came. Temporal knows five priorities.
 */
export function parkedPriority(state: State, nowMs: number): number {
  const { assignment } = state;
  // Windows of another length are divided alike.
  const scale = assignment.policy.windowMs / (24 * 3_600_000);
  const leftMs = deadlineMs(assignment) - nowMs;
  const place = SOON_MS.findIndex((boundMs) => leftMs <= boundMs * scale);
  return place === -1 ? SOON_MS.length + 1 : place + 1;
}
