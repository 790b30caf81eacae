import { decide } from '../domain/decide.ts';
import { defined } from '../domain/defined.ts';
import { type Assignment, type Decision, initialState } from '../domain/state.ts';
import type { VerificationInput } from './workflow.ts';

/**
 * The domain's view of a workflow input: instants as epoch milliseconds.
 * The deadline is not in it: it is `issuedAt` plus the policy's window on both sides.
 */
export function assignmentOf(input: VerificationInput): Assignment {
  return {
    verificationId: input.verificationId,
    issuedAtMs: Date.parse(input.issuedAt),
    admittedAtMs: Date.parse(input.admittedAt),
    tokenExpiresAtMs: Date.parse(input.tokenExpiresAt),
    ...(input.sessionEndedAt === undefined ? {} : { sessionEndedAtMs: Date.parse(input.sessionEndedAt) }),
    ...(input.replay === undefined ? {} : { replayedAtMs: Date.parse(input.replay.requestedAt) }),
    ...defined({ ruled: (input.replay?.ruling ?? input.replay?.repeats)?.verdict }),
    comparisons: input.comparisons,
    policy: input.policy,
    ...(input.readsQueued === true ? { readsQueued: true } : {}),
  };
}

/** What a verification begins with. */
export function firstDecision(input: VerificationInput, nowMs: number): Decision {
  return decide(initialState(assignmentOf(input)), nowMs);
}
