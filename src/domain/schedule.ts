import { deadlineMs } from './initial-state.ts';
import { jitterMs, lateJitterMs } from './jitter.ts';
import type { PlannedRead } from './policy.ts';
import { countedReads } from './slots.ts';
import type { Assignment, ReadRecord, State } from './state.ts';

/** A planned read as an instant (epoch ms), jitter included. */
export type PlannedTime = { readonly atMs: number; readonly reserve: boolean };

/** The plan as instants inside the window, earliest first. A read planned outside the window is left out. */
export function plannedTimes(assignment: Assignment): readonly PlannedTime[] {
  return assignment.policy.plan
    .map((planned, index) => ({ atMs: plannedAtMs(assignment, { planned, index }), reserve: planned.reserve }))
    .filter(({ atMs }) => atMs < deadlineMs(assignment))
    .toSorted((one, other) => one.atMs - other.atMs);
}

function plannedAtMs(assignment: Assignment, entry: { readonly planned: PlannedRead; readonly index: number }): number {
  const { planned, index } = entry;
  const { issuedAtMs } = assignment;
  const exact = Math.max(anchorMs(assignment, planned) + planned.offsetMs, issuedAtMs + planned.notBeforeMs);
  const seed = `${assignment.verificationId}:${index}`;
  const waitMs = exact - (planned.anchor === 'ADMITTED' ? assignment.admittedAtMs : issuedAtMs);
  // A tenth of what is left of the window, so that the reserve never leaves it.
  if (planned.reserve) return exact + jitterMs(seed, { waitMs, spreadMs: deadlineMs(assignment) - exact });
  // Later only: an answer from before the end of the last possible session would settle nothing.
  if (planned.anchor === 'EXPIRY') return exact + lateJitterMs(seed, { waitMs });
  return exact + jitterMs(seed, { waitMs });
}

function anchorMs(assignment: Assignment, planned: PlannedRead): number {
  switch (planned.anchor) {
    case 'ISSUED':
      return assignment.issuedAtMs;
    case 'ADMITTED':
      return assignment.admittedAtMs;
    case 'EXPIRY':
      return assignment.tokenExpiresAtMs;
  }
}

/**
 * What is left of the plan. Each read that counts uses up every planned time already past (they collapse into one
 * read); a read before its time (hinted, repeated) takes a slot the plan does not need, else the next planned one,
 * the reserve last.
 */
export function remainingPlan(state: State): readonly PlannedTime[] {
  let remaining = plannedTimes(state.assignment);
  let slots = state.assignment.policy.maxCalls;
  for (const { record } of countedReads(state)) {
    remaining = afterRead({ remaining, slots }, record);
    slots -= 1;
  }
  return remaining;
}

function afterRead(
  before: { readonly remaining: readonly PlannedTime[]; readonly slots: number },
  read: ReadRecord,
): readonly PlannedTime[] {
  const future = before.remaining.filter(({ atMs }) => atMs > read.scheduledAtMs);
  if (future.length < before.remaining.length || before.slots > future.length) return future;
  const replaced = future.find(({ reserve }) => !reserve) ?? future[0];
  return future.filter((planned) => planned !== replaced);
}

/** Slots left that may be read before the reserve is due. */
export function slotsBesidesReserve(slotsLeft: number, remaining: readonly PlannedTime[]): number {
  return slotsLeft - remaining.filter(({ reserve }) => reserve).length;
}
