import type { Fault } from './classify.ts';
import type { TimeWitness } from './ports.ts';

/**
 * Nothing but the clock of this process speaks against a record. Until that clock is known to be right, nobody can say whose
 * fault it is.
 */
export type ClockObjection = {
  /** What the record is guilty of if our clock is right. Absent: the broker's clock bears the record out, so it never is. */
  readonly fault?: Fault;
  /** What our clock says. */
  readonly says: string;
};

/** Records wait until their time and the clock of this process agree, or it is known which of them is wrong. */
export class ClockDoubtError extends Error {
  override readonly name = 'ClockDoubtError';
}

/** What another clock says of ours. */
export type ClockVerdict = 'AGREES' | 'DISAGREES' | 'UNKNOWN';

/** Workers ask for tasks at least once a minute: what Temporal saw of them last is hardly older. */
const WITNESS_MAX_AGE_MS = 90_000;
const TOLERANCE_MS = 30_000;

/**
 * Compares our clock with the last instant that another one has seen: the true time is that or later, and as long as somebody
 * is there to be seen, not much later. An instant long ago may mean that our clock is fast, or that nobody was seen since.
 */
export function judgeClock(nowMs: number, lastSeenMs: number | undefined): ClockVerdict {
  if (lastSeenMs === undefined) return 'UNKNOWN';
  if (lastSeenMs > nowMs + TOLERANCE_MS) return 'DISAGREES';
  return lastSeenMs >= nowMs - WITNESS_MAX_AGE_MS ? 'AGREES' : 'UNKNOWN';
}

/**
 * The record's fault, once another clock agrees with ours.
 * @throws ClockDoubtError while none does: to be asked again.
 */
export async function faultOrDoubt(
  { fault, says }: ClockObjection,
  { nowMs, witness }: { readonly nowMs: number; readonly witness: TimeWitness },
): Promise<Fault> {
  const lastSeenMs = await witness.lastSeenMs();
  switch (judgeClock(nowMs, lastSeenMs)) {
    case 'AGREES':
      if (fault) return fault;
      throw new ClockDoubtError(`${says}; Temporal's clock agrees with it, that of the brokers does not`);
    case 'DISAGREES':
      throw new ClockDoubtError(`${says}; but Temporal's clock is ahead of it, by ${minutes((lastSeenMs ?? nowMs) - nowMs)} at least`);
    case 'UNKNOWN':
      throw new ClockDoubtError(`${says}; Temporal saw no worker in the last ${minutes(WITNESS_MAX_AGE_MS)} by that clock`);
  }
}

function minutes(durationMs: number): string {
  return `${Math.round(durationMs / 6_000) / 10} min`;
}
