import type { OutcomeKind, RetryAdvice } from './verdict.ts';

export const REASON_CATEGORIES = ['liveness', 'match', 'session', 'retrieval', 'vendor', 'platform', 'operator'] as const;
export type ReasonCategory = (typeof REASON_CATEGORIES)[number];

/** What a code says: its category, what it means and, where it is the first reason, the outcome and what to do next. */
type Row = readonly [category: ReasonCategory, outcome: OutcomeKind, advice: RetryAdvice, means: string];

/**
 * The closed, additive set of reason codes (docs/messages.md, Outcome). Consumers treat an unknown code by its category.
 * EXPIRED and ERROR say "we do not know", never "rejected". REDRIVE_SAME_TOKEN becomes NEW_VERIFICATION where no slot or
 * no time is left. NONE after a conclusive "not the same": each repetition would be one more chance for a false accept.
 */
export const REASONS = {
  LIVENESS_FAIL: ['liveness', 'FAILED', 'NEW_VERIFICATION', 'the liveness check failed'],
  LIVENESS_SESSION_FAILED: ['liveness', 'FAILED', 'NEW_VERIFICATION', 'the session failed, e.g. because no face was framed in time'],
  LIVENESS_INDETERMINATE: ['liveness', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'the liveness result is absent, or neither PASS nor FAIL'],
  MULTIPLE_FACES: ['liveness', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'several faces were seen'],
  ATTACK_SUSPECTED: ['liveness', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'something in the answer is a sign of an attack'],
  MATCH_BELOW_THRESHOLD: ['match', 'FAILED', 'NONE', 'a required comparison missed its threshold'],
  COMPARE_NO_FACE: ['match', 'NEEDS_REVIEW', 'NEW_VERIFICATION', 'no face was found in an image'],
  COMPARE_MISSING: ['match', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'a required comparison or its confidence is missing'],
  THRESHOLD_MISSING: ['match', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'the threshold to reach is missing'],
  THRESHOLD_IMPLAUSIBLE: ['match', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'the thresholds cannot mean anything beside the confidence'],
  IDENTITY_NOT_FOUND: ['match', 'FAILED', 'NONE', 'the identity number is not known'],
  IDENTITY_NAME_MISMATCH: ['match', 'FAILED', 'NONE', 'identity number and name do not belong together'],
  REFERENCE_IMAGE_UNUSABLE: ['match', 'NEEDS_REVIEW', 'NEW_VERIFICATION', 'the vendor cannot use the reference image'],
  NEVER_STARTED: ['session', 'NOT_COMPLETED', 'NEW_VERIFICATION', 'the token expired before a session began'],
  USER_CANCELLED: ['session', 'NOT_COMPLETED', 'NEW_VERIFICATION', 'the user broke the session off'],
  SESSION_TIMEOUT: ['session', 'NOT_COMPLETED', 'NEW_VERIFICATION', 'the session timed out'],
  BROWSER_UNSUPPORTED: ['session', 'NOT_COMPLETED', 'NEW_VERIFICATION', 'the browser cannot do what the session needs'],
  CAMERA_DENIED: ['session', 'NOT_COMPLETED', 'NEW_VERIFICATION', 'the camera was not allowed'],
  NETWORK_PROBLEM: ['session', 'NOT_COMPLETED', 'NEW_VERIFICATION', 'the network of the user failed'],
  STILL_PROCESSING: ['session', 'EXPIRED', 'NEW_VERIFICATION', 'the last answer said that the session had not ended'],
  QUOTA_EXHAUSTED: ['retrieval', 'EXPIRED', 'NEW_VERIFICATION', 'all reads were made'],
  WINDOW_PASSED: ['retrieval', 'EXPIRED', 'NEW_VERIFICATION', 'the window ended'],
  RESULT_DESTROYED_UNEXPLAINED: [
    'retrieval',
    'EXPIRED',
    'NEW_VERIFICATION',
    'the vendor destroyed the result before reads or window were used up',
  ],
  TOKEN_UNKNOWN: ['retrieval', 'ERROR', 'NEW_VERIFICATION', 'the vendor knows no such token'],
  MALFORMED_RESPONSE: ['retrieval', 'ERROR', 'REDRIVE_SAME_TOKEN', 'the answer cannot be parsed'],
  CONTRADICTORY_RESPONSE: ['retrieval', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'what decides contradicts itself or makes no sense'],
  UNKNOWN_STATUS: ['retrieval', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'the last answer had a status that is not known'],
  CORRELATION_MISMATCH: ['retrieval', 'NEEDS_REVIEW', 'MANUAL_REVIEW', 'the answer names another `bizNo` than the request'],
  READ_WITHHELD: ['retrieval', 'ERROR', 'REDRIVE_SAME_TOKEN', 'our own guard forbade a read, because it might have been one too many'],
  // The vendor asks to stop and to resume only when it has confirmed (docs/vendor.md, "Error playbook").
  DATA_SOURCE_ERROR: ['vendor', 'ERROR', 'WAIT_VENDOR', "the vendor's data source failed"],
  VENDOR_INTERNAL: ['vendor', 'ERROR', 'REDRIVE_SAME_TOKEN', 'an internal error stood in the place of the comparison'],
  VENDOR_UNAVAILABLE: ['vendor', 'ERROR', 'REDRIVE_SAME_TOKEN', 'the vendor could not be reached, or what came back says nothing'],
  AUTHENTICATION: ['vendor', 'ERROR', 'REDRIVE_SAME_TOKEN', 'the vendor refuses key or secret'],
  AUTHORIZATION: ['vendor', 'ERROR', 'REDRIVE_SAME_TOKEN', 'the key is disabled, over its limit, or lacks a permission'],
  BAD_REQUEST: ['vendor', 'ERROR', 'REDRIVE_SAME_TOKEN', 'the vendor misses a parameter or cannot read one'],
  API_NOT_FOUND: ['vendor', 'ERROR', 'REDRIVE_SAME_TOKEN', 'host or path of the vendor are wrong'],
  CONCURRENCY_SATURATED: ['vendor', 'ERROR', 'REDRIVE_SAME_TOKEN', "too many requests at once for the vendor's limit or our own"],
  TOKEN_KEY_UNKNOWN: ['platform', 'ERROR', 'REDRIVE_SAME_TOKEN', 'the worker lacks the key that sealed the token'],
  // Beside a verdict, never instead of one: see `primaryOf`.
  EVIDENCE_STORE_FAILED: [
    'platform',
    'PASSED',
    'NONE',
    'something that the answer brought could not be kept; the verdict is the same without it',
  ],
  MANUAL_APPROVED: ['operator', 'PASSED', 'NONE', 'a person looked at it and approved it'],
  MANUAL_REJECTED: ['operator', 'FAILED', 'NONE', 'a person looked at it and rejected it'],
  GATE_CLOSED: [
    'operator',
    'EXPIRED',
    'NEW_VERIFICATION',
    'the gate held all reads, or the rate of the account left no turn, until the window ended',
  ],
  CANCELLED_BY_OPERATOR: ['operator', 'ERROR', 'REDRIVE_SAME_TOKEN', 'an operator cancelled the verification'],
} as const satisfies Readonly<Record<string, Row>>;

export type ReasonCode = keyof typeof REASONS;

/** Where in the decision order (docs/vendor.md, Decision order) the reason arose. */
export const REASON_STAGES = ['TRANSPORT', 'STATUS', 'MULTIFACE', 'LIVENESS', 'COMPARISON', 'SCHEDULE', 'OPERATOR', 'EVIDENCE'] as const;
export type ReasonStage = (typeof REASON_STAGES)[number];

export type Reason = {
  readonly code: ReasonCode;
  readonly category: ReasonCategory;
  readonly stage: ReasonStage;
};

export function reason(code: ReasonCode, stage: ReasonStage): Reason {
  const [category] = REASONS[code];
  return { code, category, stage };
}

export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(REASONS, text);
}

/** The reason that decides, which is the first; undefined: none does. What only says that evidence is missing never decides. */
export function primaryOf<R extends { readonly code: string }>(reasons: readonly R[]): R | undefined {
  return reasons.find(({ code }) => code !== 'EVIDENCE_STORE_FAILED');
}

/** What reasons, in their order, make of a verification: the first one decides. */
export function outcomeOf(reasons: readonly Reason[]): OutcomeKind {
  const primary = primaryOf(reasons);
  return primary === undefined ? 'PASSED' : REASONS[primary.code][1];
}

/** What to do next. `redriveable`: a slot of the token is left and its window is still open. */
export function adviceFor(reasons: readonly Reason[], { redriveable }: { readonly redriveable: boolean }): RetryAdvice {
  const primary = primaryOf(reasons);
  const advice = primary === undefined ? 'NONE' : REASONS[primary.code][2];
  return advice === 'REDRIVE_SAME_TOKEN' && !redriveable ? 'NEW_VERIFICATION' : advice;
}
