import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ReadReport } from '../src/domain/read-report.ts';

/**
 * What a failed read proves. Only a time-out before any worker took it (SCHEDULE_TO_START) proves that nothing was sent;
 * after that the worker is lost in mid-call, or a defect hides what happened, and the slot counts as spent.
 */
export function reportOfFailure(error: unknown, endedAt: string): ReadReport {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    return { kind: 'UNSENT', cause: 'NO_WORKER', endedAt };
  }
  return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt };
}
