import type { FarLevel } from '../policy.ts';

/** The vendor's statuses, and UNKNOWN for a word that is none of them. */
export const VENDOR_STATUSES = [
  'NOT_STARTED',
  'PROCESSING',
  'OK',
  'FAILED',
  'CANCELLED',
  'TIMEOUT',
  'WEBRTC_UNSUPPORTED',
  'UNKNOWN',
] as const;
export type VendorStatus = (typeof VENDOR_STATUSES)[number];

export type PendingStatus = 'NOT_STARTED' | 'PROCESSING' | 'UNKNOWN';

/** True if the session is over, whatever came of it. */
export function isFinal(status: VendorStatus): status is Exclude<VendorStatus, PendingStatus> {
  return status !== 'NOT_STARTED' && status !== 'PROCESSING' && status !== 'UNKNOWN';
}

/**
 * True if an answer can be the one that a verification ends by: the session is over, its status is none that we know, which the last
 * read makes a review, or it contradicts itself. NOT_STARTED and PROCESSING only ever lead to another read, or to an outcome that
 * rests on none.
 */
export function canTell({ status, unclear }: Pick<Answer, 'status' | 'unclear'>): boolean {
  return (status !== 'NOT_STARTED' && status !== 'PROCESSING') || unclear.length > 0;
}

/** INDETERMINATE: present but not the string PASS or FAIL (the vendor's own sample has the number 0.5). */
export const LIVENESS_RESULTS = ['PASS', 'FAIL', 'INDETERMINATE', 'ABSENT'] as const;

export type LivenessAnswer = {
  readonly result: (typeof LIVENESS_RESULTS)[number];
  readonly scores?: { readonly flashAttack?: number; readonly livingAttack?: number };
  readonly issueCounts?: Readonly<Record<string, number>>;
};

export type ComparisonAnswer = {
  /** The vendor's name, e.g. `result_ref1`. */
  readonly name: string;
  readonly confidence?: number;
  readonly thresholds: Readonly<Partial<Record<FarLevel, number>>>;
  /**
   * In the place of a confidence that is not kept (`minimise.ts`): which of the thresholds that the answer gave it reaches. A level
   * is absent if its threshold is.
   */
  readonly reached?: Readonly<Partial<Record<FarLevel, boolean>>>;
};

export const VERIFY_ERRORS = [
  'NO_FACE_FOUND',
  'DATA_SOURCE_ERROR',
  'INTERNAL_ERROR',
  'NO_SUCH_ID_NUMBER',
  'ID_NUMBER_NAME_NOT_MATCH',
  'IMAGE_ERROR_UNSUPPORTED_FORMAT',
  'UNKNOWN',
] as const;
export type VerifyError = (typeof VERIFY_ERRORS)[number];

/** `fail_reason` of the sibling products, and UNKNOWN for a word that is none of theirs. */
export const FAIL_REASONS = ['NETWORK_ERROR', 'PERMISSIONS_ERROR', 'SUPPORT_ERROR', 'UNKNOWN'] as const;
export type FailReason = (typeof FAIL_REASONS)[number];

/** How the answer's `biz_no` (any of its places) compares with the request's; NOT_EXPECTED: the request named none. */
export const BIZ_NO_FINDINGS = ['NOT_EXPECTED', 'ABSENT', 'MATCHES', 'DIFFERS'] as const;

/**
 * What one readable vendor answer said, normalized: no image, no token, no vendor free text. It is recorded in the
 * workflow history and is enough to decide again under another policy without another read.
 */
export type Answer = {
  readonly status: VendorStatus;
  /** The vendor's own word beside UNKNOWN, only if it fits `[A-Z_]{1,32}` after trimming and upper-casing. */
  readonly rawStatus?: string;
  readonly failReason?: FailReason;
  readonly liveness: LivenessAnswer;
  /** False when `verify_result` was absent, null, empty or all null: "no data". */
  readonly verifyPresent: boolean;
  readonly verifyError?: VerifyError;
  readonly comparisons: readonly ComparisonAnswer[];
  readonly multipleFaces?: boolean;
  readonly bizNo: (typeof BIZ_NO_FINDINGS)[number];
  /** Comparisons of which a threshold, or the confidence beside it, is no number that could mean anything. Absent: none. */
  readonly implausible?: readonly string[];
  /** What in the answer tells of an attack, in words of our own (`MASK`, `NESTED_ERROR`). Absent: nothing does. */
  readonly attackSigns?: readonly string[];
  /** Decisive fields that occurred twice with different values or, once the status is OK, that make no sense. */
  readonly unclear: readonly string[];
  /** Only those that fit `[\w,.:-]{1,128}`. */
  readonly vendorRequestIds: readonly string[];
  readonly timeUsedMs?: number;
  /** Codes of the parser tolerances used, e.g. `LIVENESS_RESULT_NUMERIC`. */
  readonly quirks: readonly string[];
};
