import { criteriaOf } from '../judging/conclude.ts';
import { isIncomplete } from '../judging/incomplete.ts';
import { deadlineMs, type ReadRecord, type ReadTrigger, sessionsOverAtMs, type State, type WaitReason } from '../state.ts';
import { deniesToken, endMs, failed, notBefore } from './backoff.ts';
import { hintIsOpen } from './hints.ts';
import { type PlannedTime, remainingPlan, slotsBesidesReserve } from './planned-times.ts';
import { accountOf, countedReads, isCounted, readFates } from './slots.ts';

/** The next read: when it is due (epoch ms, before the deadline), what makes it due, and why it is not made yet. */
export type NextRead = { readonly atMs: number; readonly trigger: ReadTrigger; readonly why: WaitReason };

/** Undefined if nothing makes a read due before the deadline; a hint may still do so. Asks for a slot to be left. */
export function nextRead(state: State): NextRead | undefined {
  const remaining = remainingPlan(state);
  const due =
    replayedRead(state) ??
    soonRepeatedRead(state) ??
    hintedRead(state, remaining) ??
    repeatedRead(state, remaining) ??
    plannedRead(state, remaining) ??
    spareRead(state);
  if (due === undefined) return undefined;
  const limit = notBefore(state);
  const next: NextRead = limit !== undefined && limit.atMs > due.atMs ? { ...due, ...limit } : due;
  return next.atMs < deadlineMs(state.assignment) ? next : undefined;
}

/**
 * An operator who replays a verification wants its first read now, from whichever slot is left; the plan goes on after it.
 * A dispatch that may not have been made is no first read: the next one asks the ledger and learns which it was.
 */
function replayedRead(state: State): NextRead | undefined {
  const { replayedAtMs } = state.assignment;
  if (replayedAtMs === undefined) return undefined;
  const made = countedReads(state).filter(({ record }) => record.unconfirmed !== true);
  if (made.some(({ record }) => record.scheduledAtMs >= replayedAtMs)) return undefined;
  return { atMs: replayedAtMs, trigger: 'OPERATOR', why: 'PLANNED_READ' };
}

/**
 * Another look within minutes, whatever the plan says: after a refusal that speaks of this token, once, because the ERROR
 * that a second one brings would leave every other slot unused; and after an OK in which the deciding part is missing, as
 * long as no verdict was reached with it. Reads given back since then said nothing.
 */
function soonRepeatedRead(state: State): NextRead | undefined {
  const said = readFates(state).findLast(({ record, fate }) => isCounted(fate) || isDenial(record));
  if (said === undefined || said.record.report === undefined) return undefined;
  const { report } = said.record;
  if (!isDenial(said.record) && !isIncomplete(report, criteriaOf(state))) return undefined;
  return { atMs: endMs(said.record) + state.assignment.policy.errorBackoffMs, trigger: 'SCHEDULE', why: 'BACKOFF' };
}

function isDenial({ report }: ReadRecord): boolean {
  return report !== undefined && deniesToken(report);
}

/** A hint, or `sessionEndedAt` for the first read, unless the plan reads before the session is said to have ended. */
function hintedRead(state: State, remaining: readonly PlannedTime[]): NextRead | undefined {
  const endedAtMs = sessionEndMs(state, remaining);
  if (endedAtMs === undefined) return undefined;
  const planned = plannedRead(state, remaining);
  if (planned !== undefined && planned.atMs < endedAtMs) return undefined;
  return { atMs: endedAtMs + state.assignment.policy.hintDelayMs, trigger: 'HINT', why: 'HINTED' };
}

function sessionEndMs(state: State, remaining: readonly PlannedTime[]): number | undefined {
  const { hint, assignment } = state;
  const said: number[] = [];
  if (assignment.sessionEndedAtMs !== undefined && countedReads(state).length === 0) said.push(assignment.sessionEndedAtMs);
  // Only a trusted hint may bring the reserve forward; any hint may do so with the other slots.
  const allowed = hint?.trusted === true || slotsBesidesReserve(accountOf(state).left, remaining) > 0;
  if (hint !== undefined && hintIsOpen(state) && allowed) said.push(hint.receivedAtMs);
  return said.length === 0 ? undefined : Math.min(...said);
}

/** A failed read is repeated from a slot the plan does not need; if there is none, the next planned read does its work. */
function repeatedRead(state: State, remaining: readonly PlannedTime[]): NextRead | undefined {
  const last = countedReads(state).at(-1);
  const spare = accountOf(state).left - remaining.length;
  if (last === undefined || !failed(last) || spare <= 0) return undefined;
  if (remaining.some(({ reserve }) => !reserve)) return undefined;
  return { atMs: endMs(last.record), trigger: 'SCHEDULE', why: 'BACKOFF' };
}

/**
 * The plan is used up and the question still open: a slot that is left would be wasted, as the vendor destroys the result
 * with the window. Half of the time that remains is waited, so that several spare slots spread out.
 */
function spareRead(state: State): NextRead | undefined {
  const last = countedReads(state).at(-1);
  if (last === undefined) return undefined;
  const endedAtMs = endMs(last.record);
  const leftMs = deadlineMs(state.assignment) - endedAtMs;
  return { atMs: endedAtMs + Math.ceil(leftMs / 2), trigger: 'DEADLINE', why: 'RESERVE' };
}

function plannedRead(state: State, remaining: readonly PlannedTime[]): NextRead | undefined {
  const first = remaining[0];
  if (first === undefined) return undefined;
  if (!first.reserve) return { atMs: first.atMs, trigger: 'SCHEDULE', why: waitReason(state, first.atMs) };
  const earlyMs = remaining.length === 1 ? earlyReserveMs(state) : undefined;
  if (earlyMs !== undefined && earlyMs < first.atMs) return { atMs: earlyMs, trigger: 'SCHEDULE', why: 'RESERVE' };
  return { atMs: first.atMs, trigger: 'DEADLINE', why: 'RESERVE' };
}

/**
 * Once no session can be running any more, waiting brings nothing new, so the reserve is due. If a read was made
 * after that and left the question open, the vendor is stuck or down: then the reserve keeps its place (docs/vendor.md, Assumptions).
 */
function earlyReserveMs(state: State): number | undefined {
  const overAtMs = sessionsOverAtMs(state.assignment);
  if (countedReads(state).some(({ record }) => record.scheduledAtMs >= overAtMs)) return undefined;
  return overAtMs + state.assignment.policy.hintDelayMs;
}

function waitReason(state: State, atMs: number): WaitReason {
  return atMs <= sessionsOverAtMs(state.assignment) || countedReads(state).length === 0 ? 'SESSION' : 'PLANNED_READ';
}
