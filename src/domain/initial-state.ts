import type { Assignment, State } from './state.ts';

/** The state of a verification before anything happened to it. */
export function initialState(assignment: Assignment): State {
  return { assignment, reads: [], heard: [], cancelled: false };
}

/** `issuedAt` + window, epoch ms: no read at or after it, and every verification has its outcome by then. */
export function deadlineMs(assignment: Assignment): number {
  return assignment.issuedAtMs + assignment.policy.windowMs;
}

/** From this instant (epoch ms) on no session of the token can be running: it began before expiry and is over since. */
export function sessionsOverAtMs(assignment: Assignment): number {
  return assignment.tokenExpiresAtMs + assignment.policy.sessionAllowanceMs;
}
