import { exhausted } from '../exhaustive.ts';
import type { PlannedRead } from '../policy.ts';
import { type Assignment, deadlineMs, type State } from '../state.ts';
import { jitterMs, lateJitterMs } from './jitter.ts';
import { countedReads } from './slots.ts';

/** A planned read as an instant (epoch ms), jitter included. */
export type PlannedTime = { readonly atMs: number; readonly reserve: boolean };

/** The same with what its place follows from. `exactMs`: its instant in the plan, without jitter. */
type Placed = PlannedTime & { readonly planned: PlannedRead; readonly exactMs: number; readonly seed: string };

/** The plan as instants inside the window, earliest first. A read planned outside the window is left out. */
export function plannedTimes(assignment: Assignment): readonly PlannedTime[] {
  return placedReads(assignment).map(({ atMs, reserve }) => ({ atMs, reserve }));
}

function placedReads(assignment: Assignment): readonly Placed[] {
  const deadline = deadlineMs(assignment);
  const exact = assignment.policy.plan.map((planned) => ({ planned, exactMs: exactMs(assignment, planned) }));
  const reserveMs = exact.find(({ planned }) => planned.reserve)?.exactMs ?? deadline;
  return exact
    .map((entry, index): Placed => {
      const seed = `${assignment.verificationId}:${index}`;
      const limitMs = entry.exactMs < reserveMs ? reserveMs : deadline;
      return { ...entry, seed, reserve: entry.planned.reserve, atMs: jitteredMs(assignment, { ...entry, seed, limitMs }) };
    })
    .filter(({ atMs }) => atMs < deadline)
    .toSorted(byTime);
}

function byTime(one: PlannedTime, other: PlannedTime): number {
  return one.atMs - other.atMs;
}

function exactMs(assignment: Assignment, planned: PlannedRead): number {
  return Math.max(anchorMs(assignment, planned) + planned.offsetMs, assignment.issuedAtMs + planned.notBeforeMs);
}

type Exact = Pick<Placed, 'planned' | 'exactMs' | 'seed'> & {
  /** The reserve, or the deadline: no jitter moves the read to the other side of it. */
  readonly limitMs: number;
};

function jitteredMs({ issuedAtMs, admittedAtMs }: Assignment, { planned, exactMs: exact, seed, limitMs }: Exact): number {
  const waitMs = exact - (planned.anchor === 'ADMITTED' ? admittedAtMs : issuedAtMs);
  if (planned.reserve) return exact + jitterMs(seed, { waitMs, spreadMs: limitMs - exact });
  const spreadMs = Math.max(0, Math.min(waitMs, limitMs - exact));
  // Later only: an answer from before the end of the last possible session would settle nothing.
  if (planned.anchor === 'EXPIRY') return exact + lateJitterMs(seed, { waitMs, spreadMs });
  return exact + jitterMs(seed, { waitMs, spreadMs });
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
 * What is left of the plan. A read that counts takes the first planned read that is due, however long ago that was, and
 * those after it follow at the plan's distances from the read actually made: an outage delays the plan, it does not use it
 * up. A read before its time (hinted, repeated) takes a slot the plan does not need, else the next planned one, the reserve
 * last. The reserve keeps its place; once a read was made after that, the slot is one that the plan does not need.
 */
export function remainingPlan(state: State): readonly PlannedTime[] {
  const { assignment } = state;
  let remaining = placedReads(assignment);
  let slots = assignment.policy.maxReads;
  for (const { record } of countedReads(state)) {
    remaining = afterRead(remaining, { assignment, readAtMs: record.scheduledAtMs, isSpare: slots > remaining.length });
    slots -= 1;
  }
  return remaining;
}

type MadeRead = { readonly assignment: Assignment; readonly readAtMs: number };

function afterRead(remaining: readonly Placed[], { isSpare, ...made }: MadeRead & { readonly isSpare: boolean }): readonly Placed[] {
  const isDue = ({ atMs }: PlannedTime): boolean => atMs <= made.readAtMs;
  const left = remaining.filter((planned) => !(planned.reserve && isDue(planned)));
  const first = firstOf(left);
  if (first !== undefined && left.some(isDue)) return following(without(left, first), { taken: first, ...made });
  if (left.length < remaining.length || isSpare) return left;
  return without(left, first ?? left[0]);
}

/** The first of the plan that is not the reserve; jitter may have put a later one before it. */
function firstOf(remaining: readonly Placed[]): Placed | undefined {
  return remaining.filter(({ reserve }) => !reserve).toSorted((one, other) => one.exactMs - other.exactMs)[0];
}

function without(remaining: readonly Placed[], taken: Placed | undefined): readonly Placed[] {
  return remaining.filter((planned) => planned !== taken);
}

/**
 * The planned reads after one that was made, each at its distance from it. One that waits for the token's expiry keeps its
 * time, as long as that is to come: what it waits for does not move. Where a distance leads beyond the reserve or the window,
 * the read keeps its own time; if that has passed, half of what is left until there is waited, as for a slot without a plan.
 */
function following(later: readonly Placed[], { taken, assignment, readAtMs }: MadeRead & { readonly taken: Placed }): readonly Placed[] {
  const endMs = later.find(({ reserve }) => reserve)?.atMs ?? deadlineMs(assignment);
  let beforeMs = readAtMs;
  const moved = later.map((planned) => {
    if (planned.reserve || (planned.planned.anchor === 'EXPIRY' && planned.atMs > readAtMs)) return planned;
    const waitMs = planned.exactMs - taken.exactMs;
    const atDistanceMs = readAtMs + waitMs + jitterMs(planned.seed, { waitMs });
    const fits = atDistanceMs + assignment.policy.minGapMs < endMs;
    const elseMs = planned.atMs > readAtMs ? planned.atMs : beforeMs + Math.ceil((endMs - beforeMs) / 2);
    beforeMs = fits ? atDistanceMs : elseMs;
    return { ...planned, atMs: beforeMs };
  });
  return moved.toSorted(byTime);
}

/** Slots left that may be read before the reserve is due. */
export function slotsBesidesReserve(slotsLeft: number, remaining: readonly PlannedTime[]): number {
  return slotsLeft - remaining.filter(({ reserve }) => reserve).length;
}
