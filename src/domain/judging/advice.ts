import type { ReasonCode } from '../reasons.ts';
import type { OutcomeKind, RetryAdvice, Verdict } from '../verdict.ts';

/** What differs from the advice of the outcome. REDRIVE: the same token if a slot and time are left, else a new one. */
const BY_REASON: Readonly<Partial<Record<ReasonCode, RetryAdvice | 'REDRIVE'>>> = {
  // A conclusive "not the same": each repetition would be one more chance for a false accept.
  MATCH_BELOW_THRESHOLD: 'NONE',
  IDENTITY_NOT_FOUND: 'NONE',
  IDENTITY_NAME_MISMATCH: 'NONE',
  COMPARE_NO_FACE: 'NEW_VERIFICATION',
  REFERENCE_IMAGE_UNUSABLE: 'NEW_VERIFICATION',
  TOKEN_UNKNOWN: 'NEW_VERIFICATION',
  // The vendor asks to stop and to resume only when it has confirmed (docs/vendor.md, "Error playbook").
  DATA_SOURCE_ERROR: 'WAIT_VENDOR',
  MALFORMED_RESPONSE: 'REDRIVE',
  VENDOR_INTERNAL: 'REDRIVE',
  VENDOR_UNAVAILABLE: 'REDRIVE',
  CONCURRENCY_SATURATED: 'REDRIVE',
  AUTHENTICATION: 'REDRIVE',
  AUTHORIZATION: 'REDRIVE',
  BAD_REQUEST: 'REDRIVE',
  API_NOT_FOUND: 'REDRIVE',
  TOKEN_KEY_UNKNOWN: 'REDRIVE',
  READ_WITHHELD: 'REDRIVE',
  CANCELLED_BY_OPERATOR: 'REDRIVE',
};

const BY_OUTCOME: Readonly<Record<OutcomeKind, RetryAdvice>> = {
  PASSED: 'NONE',
  FAILED: 'NEW_VERIFICATION',
  NEEDS_REVIEW: 'MANUAL_REVIEW',
  NOT_COMPLETED: 'NEW_VERIFICATION',
  EXPIRED: 'NEW_VERIFICATION',
  ERROR: 'NEW_VERIFICATION',
};

/** Advice for a verdict, by its primary reason. `redriveable`: a slot is left and the window is still open. */
export function adviceFor(verdict: Pick<Verdict, 'outcome' | 'reasons'>, { redriveable }: { readonly redriveable: boolean }): RetryAdvice {
  const primary = verdict.reasons[0];
  const advice = (primary && BY_REASON[primary.code]) ?? BY_OUTCOME[verdict.outcome];
  if (advice !== 'REDRIVE') return advice;
  return redriveable ? 'REDRIVE_SAME_TOKEN' : 'NEW_VERIFICATION';
}
