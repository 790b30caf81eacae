import type { ReplayOrder, Ruling } from './asking-run.ts';
import type { OutcomeEvent } from '../outcome.ts';

/** One outcome of a verification, with the operator's order that brought it about, if one did. */
export type Revision = { readonly event: OutcomeEvent; readonly replay?: ReplayOrder };

/**
 * The latest outcome if a run has to emit it again instead of its own; undefined if its own is news. A reset or a start
 * by hand repeats what a run once concluded, which is no reason to take back what came after it.
 */
export function standingOutcome(
  known: readonly Revision[],
  { event, replay }: { readonly event: OutcomeEvent; readonly replay?: ReplayOrder },
): OutcomeEvent | undefined {
  const latest = known.at(-1);
  if (latest === undefined || sameConclusion(latest.event, event)) return latest?.event;
  // A ruling is about the one revision that the person saw: of two at once the second finds another, and changes nothing.
  if (replay?.ruling !== undefined) return replay.ruling.upon === latest.event.revision ? undefined : latest.event;
  if (rulingOf(latest) !== undefined || replay?.repeats !== undefined) return latest.event;
  // "We do not know" never replaces a verdict, and a verdict always replaces it.
  if (isVerdict(latest.event) !== isVerdict(event)) return isVerdict(event) ? undefined : latest.event;
  if (isNewer(replay, known)) return undefined;
  const superseded = known.some((earlier) => sameConclusion(earlier.event, event));
  return superseded || isOrdered(latest, event) ? latest.event : undefined;
}

/** What a person decided by this outcome, if one did. Nothing but another ruling takes that back. */
export function rulingOf(revision: Revision | undefined): Ruling | undefined {
  return revision?.replay?.ruling;
}

/** False for EXPIRED and ERROR, which say that nobody knows. */
export function isVerdict({ outcome }: OutcomeEvent): boolean {
  return outcome !== 'EXPIRED' && outcome !== 'ERROR';
}

/** A verdict that an operator ordered yields to another order, or to an answer of the vendor that came after it. */
function isOrdered({ event, replay }: Revision, other: OutcomeEvent): boolean {
  return replay !== undefined && isVerdict(event) && answers(other) <= answers(event);
}

/** When the newest order that has brought a revision about was given (epoch ms); -∞ if none has. */
export function newestOrderAtMs(known: readonly Revision[]): number {
  const given = known.map(({ replay }) => (replay === undefined ? Number.NaN : givenAtMs(replay)));
  return Math.max(Number.NEGATIVE_INFINITY, ...given.filter((atMs) => !Number.isNaN(atMs)));
}

/** True if the order was given after every one that has brought a revision about: the copy of an old one orders nothing. */
function isNewer(replay: ReplayOrder | undefined, known: readonly Revision[]): boolean {
  return replay !== undefined && givenAtMs(replay) > newestOrderAtMs(known);
}

/** An order comes after the one that it names, whatever the clocks of the two machines say. */
function givenAtMs({ requestedAt, after }: ReplayOrder): number {
  return after === undefined ? Date.parse(requestedAt) : Math.max(Date.parse(requestedAt), Date.parse(after) + 1);
}

/** Reads that the vendor answered. */
function answers({ retrieval }: OutcomeEvent): number {
  return retrieval.callsUsed - retrieval.callsUncertain;
}

/**
 * True if two outcomes tell a consumer the same: then the later one is the earlier one again, not a revision. What names
 * the run, the time or the person that reached it is left aside.
 */
export function sameConclusion(one: OutcomeEvent, other: OutcomeEvent): boolean {
  return equal(conclusionOf(one), conclusionOf(other));
}

function conclusionOf({ outcome, reasons, comparisons, liveness, multipleFaces, policy, vendor }: OutcomeEvent): unknown {
  return { outcome, reasons, comparisons, liveness, multipleFaces, policy, status: vendor.status };
}

/** Equality of JSON values, whatever the order of keys; an absent key equals an undefined one. */
function equal(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((item, index) => equal(item, other[index]))
    );
  }
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return Object.is(one, other);
  const left = new Map<string, unknown>(Object.entries(one));
  const right = new Map<string, unknown>(Object.entries(other));
  return [...new Set([...left.keys(), ...right.keys()])].every((key) => equal(left.get(key), right.get(key)));
}
