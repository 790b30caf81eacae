/** A schedule-to-start time-out of a read, as Temporal tells of it. */
export type StartTimeout = {
  /** It carries the failure of an attempt before. */
  readonly hadEarlierAttempt: boolean;
  readonly endedAt: string;
  /** Of the verification; undefined where the recorded order does not say. */
  readonly deadlineAt: string | undefined;
};

/**
 * Whether the time-out proves that no worker ever took the read, so that its slot may come back (docs/adr/0011). A read that
 * had an attempt before was taken then. And only at the deadline is the time-out ours: an earlier one comes from an operator who
 * changed the options, and who may also have dropped the failure of an attempt that was sent.
 */
export function wasNeverTaken({ hadEarlierAttempt, endedAt, deadlineAt }: StartTimeout): boolean {
  return !hadEarlierAttempt && deadlineAt !== undefined && Date.parse(endedAt) >= Date.parse(deadlineAt);
}
