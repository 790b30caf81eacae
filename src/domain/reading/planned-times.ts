import { exhausted } from '../exhaustive.ts';
import type { PlannedRead } from '../policy.ts';
import { type Assignment, deadlineMs, type State } from '../state.ts';
import { jitterMs, lateJitterMs } from './jitter.ts';
import { countedReads } from './slots.ts';

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
    default:
      return exhausted(planned.anchor, assignment.issuedAtMs);
  }
}

/**
 * What is left of the plan. A read that counts uses up its planned time and, with it, every other one that had passed
 * at admission or is late by more than the minimum gap: they collapse into one read. A read before its time (hinted,
 * repeated) takes a slot the plan does not need, else the next planned one, the reserve last.
 */
export function remainingPlan(state: State): readonly PlannedTime[] {
  const { admittedAtMs, policy } = state.assignment;
  let remaining = plannedTimes(state.assignment);
  let slots = policy.maxReads;
  for (const { record } of countedReads(state)) {
    const readAtMs = record.scheduledAtMs;
    const collapsedUntilMs = Math.max(Math.min(admittedAtMs, readAtMs), readAtMs - policy.minGapMs);
    remaining = afterRead(remaining, { readAtMs, collapsedUntilMs, isSpare: slots > remaining.length });
    slots -= 1;
  }
  return remaining;
}

type PlacedRead = { readonly readAtMs: number; readonly collapsedUntilMs: number; readonly isSpare: boolean };

function afterRead(remaining: readonly PlannedTime[], { readAtMs, collapsedUntilMs, isSpare }: PlacedRead): readonly PlannedTime[] {
  const later = remaining.filter(({ atMs }) => atMs > collapsedUntilMs);
  if (later.length < remaining.length) return later;
  const first = remaining[0];
  if (first !== undefined && first.atMs <= readAtMs) return remaining.slice(1);
  if (isSpare) return remaining;
  const replaced = remaining.find(({ reserve }) => !reserve) ?? first;
  return remaining.filter((planned) => planned !== replaced);
}

/** Slots left that may be read before the reserve is due. */
export function slotsBesidesReserve(slotsLeft: number, remaining: readonly PlannedTime[]): number {
  return slotsLeft - remaining.filter(({ reserve }) => reserve).length;
}
