import { accountOf } from '../reading/slots.ts';
import { adviceFor, outcomeOf, reason, type ReasonCode, type ReasonStage } from '../reasons.ts';
import { deadlineMs, type State } from '../state.ts';
import type { Verdict } from '../verdict.ts';

/** Reasons that arise without an answer to judge, and where. */
const STAGE_OF = {
  NEVER_STARTED: 'STATUS',
  STILL_PROCESSING: 'STATUS',
  UNKNOWN_STATUS: 'STATUS',
  QUOTA_EXHAUSTED: 'SCHEDULE',
  WINDOW_PASSED: 'SCHEDULE',
  RESULT_DESTROYED_UNEXPLAINED: 'TRANSPORT',
  TOKEN_UNKNOWN: 'TRANSPORT',
  MALFORMED_RESPONSE: 'TRANSPORT',
  READ_WITHHELD: 'SCHEDULE',
  VENDOR_UNAVAILABLE: 'TRANSPORT',
  AUTHENTICATION: 'TRANSPORT',
  AUTHORIZATION: 'TRANSPORT',
  BAD_REQUEST: 'TRANSPORT',
  API_NOT_FOUND: 'TRANSPORT',
  CONCURRENCY_SATURATED: 'TRANSPORT',
  TOKEN_KEY_UNKNOWN: 'SCHEDULE',
  GATE_CLOSED: 'OPERATOR',
  CANCELLED_BY_OPERATOR: 'OPERATOR',
  DATA_SOURCE_ERROR: 'TRANSPORT',
  COMPARE_NO_FACE: 'COMPARISON',
  REFERENCE_IMAGE_UNUSABLE: 'COMPARISON',
  IDENTITY_NOT_FOUND: 'COMPARISON',
  IDENTITY_NAME_MISMATCH: 'COMPARISON',
} as const satisfies Partial<Record<ReasonCode, ReasonStage>>;

export type EndingCode = keyof typeof STAGE_OF;

/** A verdict without an answer: the first code is primary and gives the outcome. `atMs`: when it was reached. */
export function unjudged(
  codes: readonly [EndingCode, ...EndingCode[]],
  { state, atMs }: { readonly state: State; readonly atMs: number },
): Verdict {
  const reasons = [...new Set(codes)].map((code) => reason(code, STAGE_OF[code]));
  const retryAdvice = adviceFor(reasons, { redriveable: isRedriveable(state, atMs) });
  return { outcome: outcomeOf(reasons), reasons, retryAdvice, riskLevel: 'UNKNOWN', comparisons: [] };
}

/** True if another read of the same token would be possible: a slot is left and the window is open. */
export function isRedriveable(state: State, atMs: number): boolean {
  return accountOf(state).left > 0 && atMs < deadlineMs(state.assignment);
}
