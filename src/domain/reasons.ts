/** The closed, additive set of reason codes (reference "Reason codes"). Consumers treat an unknown code as generic. */
export const REASON_CATEGORIES = {
  LIVENESS_FAIL: 'liveness',
  LIVENESS_SESSION_FAILED: 'liveness',
  LIVENESS_INDETERMINATE: 'liveness',
  MULTIPLE_FACES: 'liveness',
  ATTACK_SUSPECTED: 'liveness',
  MATCH_BELOW_THRESHOLD: 'match',
  COMPARE_NO_FACE: 'match',
  COMPARE_MISSING: 'match',
  THRESHOLD_MISSING: 'match',
  THRESHOLD_IMPLAUSIBLE: 'match',
  IDENTITY_NOT_FOUND: 'match',
  IDENTITY_NAME_MISMATCH: 'match',
  REFERENCE_IMAGE_UNUSABLE: 'match',
  NEVER_STARTED: 'session',
  USER_CANCELLED: 'session',
  SESSION_TIMEOUT: 'session',
  BROWSER_UNSUPPORTED: 'session',
  CAMERA_DENIED: 'session',
  NETWORK_PROBLEM: 'session',
  STILL_PROCESSING: 'session',
  QUOTA_EXHAUSTED: 'retrieval',
  WINDOW_PASSED: 'retrieval',
  RESULT_DESTROYED_UNEXPLAINED: 'retrieval',
  TOKEN_UNKNOWN: 'retrieval',
  MALFORMED_RESPONSE: 'retrieval',
  CONTRADICTORY_RESPONSE: 'retrieval',
  UNKNOWN_STATUS: 'retrieval',
  CORRELATION_MISMATCH: 'retrieval',
  READ_WITHHELD: 'retrieval',
  DATA_SOURCE_ERROR: 'vendor',
  VENDOR_INTERNAL: 'vendor',
  VENDOR_UNAVAILABLE: 'vendor',
  AUTHENTICATION: 'vendor',
  AUTHORIZATION: 'vendor',
  BAD_REQUEST: 'vendor',
  API_NOT_FOUND: 'vendor',
  CONCURRENCY_SATURATED: 'vendor',
  EVIDENCE_STORE_FAILED: 'vendor',
  TOKEN_KEY_UNKNOWN: 'platform',
  MANUAL_APPROVED: 'operator',
  MANUAL_REJECTED: 'operator',
  CANCELLED_BY_OPERATOR: 'operator',
} as const;

export type ReasonCode = keyof typeof REASON_CATEGORIES;
export type ReasonCategory = (typeof REASON_CATEGORIES)[ReasonCode];

/** Where in the decision order (reference "Decision order") the reason arose. */
export const REASON_STAGES = ['TRANSPORT', 'STATUS', 'MULTIFACE', 'LIVENESS', 'COMPARISON', 'SCHEDULE', 'OPERATOR'] as const;
export type ReasonStage = (typeof REASON_STAGES)[number];

export type Reason = {
  readonly code: ReasonCode;
  readonly category: ReasonCategory;
  readonly stage: ReasonStage;
};

export function reason(code: ReasonCode, stage: ReasonStage): Reason {
  return { code, category: REASON_CATEGORIES[code], stage };
}
