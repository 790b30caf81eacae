import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ReadReport } from '../src/domain/read-report.ts';

/**
 * What a failed read proves. Only a time-out before any worker took it (SCHEDULE_TO_START) speaks for an unsent read, and
 * only at the deadline: earlier ones come from an operator's update of the options, who may also have dropped the failure
 * of an attempt that was sent (ADR 0011). One that carries an earlier failure was sent in any case. Else the worker is
 * lost in mid-call, or a defect hides what happened, and the slot counts as spent.
 */
export function reportOfFailure(
  error: unknown,
  { endedAt, deadlineAt }: { readonly endedAt: string; readonly deadlineAt: string },
): ReadReport {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const neverTaken = cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START' && !hasEarlierAttempt(cause);
  if (neverTaken && Date.parse(endedAt) >= Date.parse(deadlineAt)) return { kind: 'UNSENT', cause: 'NO_WORKER', endedAt };
  return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt };
}

/** The SDK drops the cause of a time-out; the server's own record of it keeps the failure of the attempt before. */
function hasEarlierAttempt(timeout: TimeoutFailure): boolean {
  const earlier = timeout.failure?.cause;
  return earlier !== undefined && earlier !== null;
}
