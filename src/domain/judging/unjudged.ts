import { accountOf } from '../reading/slots.ts';
import { reason, type ReasonCode, type ReasonStage } from '../reasons.ts';
import { deadlineMs, type State } from '../state.ts';
import type { OutcomeKind, Verdict } from '../verdict.ts';
import { adviceFor } from './advice.ts';

type Ending = { readonly outcome: OutcomeKind; readonly stage: ReasonStage };

/** Reasons that arise without answer to judge. EXPIRED and ERROR say "we do not know", never "rejected". */
const ENDINGS = {
  NEVER_STARTED: { outcome: 'NOT_COMPLETED', stage: 'STATUS' },
  STILL_PROCESSING: { outcome: 'EXPIRED', stage: 'STATUS' },
  UNKNOWN_STATUS: { outcome: 'NEEDS_REVIEW', stage: 'STATUS' },
  QUOTA_EXHAUSTED: { outcome: 'EXPIRED', stage: 'SCHEDULE' },
  WINDOW_PASSED: { outcome: 'EXPIRED', stage: 'SCHEDULE' },
  RESULT_DESTROYED_UNEXPLAINED: { outcome: 'EXPIRED', stage: 'TRANSPORT' },
  TOKEN_UNKNOWN: { outcome: 'ERROR', stage: 'TRANSPORT' },
  MALFORMED_RESPONSE: { outcome: 'ERROR', stage: 'TRANSPORT' },
  READ_WITHHELD: { outcome: 'ERROR', stage: 'SCHEDULE' },
  VENDOR_UNAVAILABLE: { outcome: 'ERROR', stage: 'TRANSPORT' },
  AUTHENTICATION: { outcome: 'ERROR', stage: 'TRANSPORT' },
  AUTHORIZATION: { outcome: 'ERROR', stage: 'TRANSPORT' },
  BAD_REQUEST: { outcome: 'ERROR', stage: 'TRANSPORT' },
  API_NOT_FOUND: { outcome: 'ERROR', stage: 'TRANSPORT' },
  CONCURRENCY_SATURATED: { outcome: 'ERROR', stage: 'TRANSPORT' },
  TOKEN_KEY_UNKNOWN: { outcome: 'ERROR', stage: 'SCHEDULE' },
  CANCELLED_BY_OPERATOR: { outcome: 'ERROR', stage: 'OPERATOR' },
  DATA_SOURCE_ERROR: { outcome: 'ERROR', stage: 'TRANSPORT' },
  COMPARE_NO_FACE: { outcome: 'NEEDS_REVIEW', stage: 'COMPARISON' },
  REFERENCE_IMAGE_UNUSABLE: { outcome: 'NEEDS_REVIEW', stage: 'COMPARISON' },
  IDENTITY_NOT_FOUND: { outcome: 'FAILED', stage: 'COMPARISON' },
  IDENTITY_NAME_MISMATCH: { outcome: 'FAILED', stage: 'COMPARISON' },
} as const satisfies Partial<Record<ReasonCode, Ending>>;

export type EndingCode = keyof typeof ENDINGS;

/** A verdict without answer: the first code is primary and gives the outcome. `atMs`: when it was reached. */
export function unjudged(
  codes: readonly [EndingCode, ...EndingCode[]],
  { state, atMs }: { readonly state: State; readonly atMs: number },
): Verdict {
  const { outcome } = ENDINGS[codes[0]];
  const reasons = [...new Set(codes)].map((code) => reason(code, ENDINGS[code].stage));
  const retryAdvice = adviceFor({ outcome, reasons }, { redriveable: isRedriveable(state, atMs) });
  return { outcome, reasons, retryAdvice, riskLevel: 'UNKNOWN', comparisons: [] };
}

/** True if another read of the same token would be possible: a slot is left and the window is open. */
export function isRedriveable(state: State, atMs: number): boolean {
  return accountOf(state).left > 0 && atMs < deadlineMs(state.assignment);
}
