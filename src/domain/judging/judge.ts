import { adviceFor, outcomeOf, primaryOf, reason, type Reason, type ReasonCode } from '../reasons.ts';
import type { Verdict } from '../verdict.ts';
import { type Answer, type FailReason, isFinal, type PendingStatus, type VendorStatus, type VerifyError } from './answer.ts';
import { compareAll, comparisonProblem, comparisonsOf, type Criteria, isPlausible } from './compare.ts';
import { riskOf } from './risk.ts';

/** REREAD: the vendor asks for another request; `otherwise` holds if no slot may be used for it. */
export type Judgement =
  | { readonly kind: 'PENDING' }
  | { readonly kind: 'VERDICT'; readonly verdict: Verdict }
  | { readonly kind: 'REREAD'; readonly otherwise: Verdict };

const SESSION_REASON: Readonly<Record<Exclude<VendorStatus, PendingStatus | 'OK'>, ReasonCode>> = {
  FAILED: 'LIVENESS_SESSION_FAILED',
  CANCELLED: 'USER_CANCELLED',
  TIMEOUT: 'SESSION_TIMEOUT',
  WEBRTC_UNSUPPORTED: 'BROWSER_UNSUPPORTED',
};

const FAIL_REASON: Readonly<Record<FailReason, ReasonCode | undefined>> = {
  NETWORK_ERROR: 'NETWORK_PROBLEM',
  PERMISSIONS_ERROR: 'CAMERA_DENIED',
  SUPPORT_ERROR: 'BROWSER_UNSUPPORTED',
  UNKNOWN: undefined,
};

/** An error we do not know leaves us without a comparison. */
const VERIFY_REASON: Readonly<Record<VerifyError, ReasonCode>> = {
  NO_FACE_FOUND: 'COMPARE_NO_FACE',
  DATA_SOURCE_ERROR: 'DATA_SOURCE_ERROR',
  INTERNAL_ERROR: 'VENDOR_INTERNAL',
  NO_SUCH_ID_NUMBER: 'IDENTITY_NOT_FOUND',
  ID_NUMBER_NAME_NOT_MATCH: 'IDENTITY_NAME_MISMATCH',
  IMAGE_ERROR_UNSUPPORTED_FORMAT: 'REFERENCE_IMAGE_UNUSABLE',
  UNKNOWN: 'COMPARE_MISSING',
};

/**
 * Turns one readable answer into a verdict (docs/vendor.md, Decision order). All reasons are listed and the first one decides:
 * answers that cannot be trusted or attributed, then the status, failed liveness, signs of an attack, several faces,
 * unclear liveness, the comparison's error, each required comparison. PASSED is what remains when there is no reason at all.
 */
export function judge(answer: Answer, criteria: Criteria): Judgement {
  // An unknown status is pending too: another read may bring one that we understand (docs/vendor.md row 2).
  if (answer.unclear.length === 0 && !isFinal(answer.status)) return { kind: 'PENDING' };
  const comparisons = compareAll(answer, criteria);
  const reasons = distinct([
    ...trustReasons(answer),
    ...sessionReasons(answer),
    ...livenessReasons(answer),
    ...(answer.status === 'OK' ? comparisonReasons(answer, criteria) : []),
  ]);
  const riskLevel = riskOf({ liveness: answer.liveness, reasons, comparisons });
  const retryAdvice = adviceFor(reasons, { redriveable: false });
  const verdict: Verdict = { outcome: outcomeOf(reasons), reasons, retryAdvice, riskLevel, comparisons };
  return primaryOf(reasons)?.code === 'VENDOR_INTERNAL' ? { kind: 'REREAD', otherwise: verdict } : { kind: 'VERDICT', verdict };
}

/** What an answer comes to if no further read is made for it; undefined: nothing yet. */
export function verdictOf(judgement: Judgement): Verdict | undefined {
  if (judgement.kind === 'PENDING') return undefined;
  return judgement.kind === 'REREAD' ? judgement.otherwise : judgement.verdict;
}

function trustReasons(answer: Answer): readonly Reason[] {
  const reasons: Reason[] = [];
  if (answer.unclear.length > 0) reasons.push(reason('CONTRADICTORY_RESPONSE', 'TRANSPORT'));
  if (answer.bizNo === 'DIFFERS') reasons.push(reason('CORRELATION_MISMATCH', 'TRANSPORT'));
  return reasons;
}

function sessionReasons(answer: Answer): readonly Reason[] {
  const { status, failReason } = answer;
  if (status === 'OK' || !isFinal(status)) return [];
  const session = reason(SESSION_REASON[status], 'STATUS');
  const detail = failReason && FAIL_REASON[failReason];
  const reasons = detail === undefined ? [session] : [session, reason(detail, 'STATUS')];
  // A failed liveness check, and the sign of an attack, are facts that ending the session afterwards does not undo.
  return status === 'FAILED' ? reasons : [...attackReasons(answer), ...reasons];
}

/** A verdict of the vendor's comes before a suspicion of ours. */
function attackReasons({ liveness, attackSigns = [] }: Answer): readonly Reason[] {
  const reasons: Reason[] = [];
  if (liveness.result === 'FAIL') reasons.push(reason('LIVENESS_FAIL', 'LIVENESS'));
  if (attackSigns.length > 0) reasons.push(reason('ATTACK_SUSPECTED', 'LIVENESS'));
  return reasons;
}

function livenessReasons(answer: Answer): readonly Reason[] {
  const { liveness, multipleFaces, status } = answer;
  const reasons: Reason[] = [...attackReasons(answer)];
  if (multipleFaces === true) reasons.push(reason('MULTIPLE_FACES', 'MULTIFACE'));
  if (status === 'OK' && liveness.result !== 'PASS' && liveness.result !== 'FAIL') {
    reasons.push(reason('LIVENESS_INDETERMINATE', 'LIVENESS'));
  }
  return reasons;
}

function comparisonReasons(answer: Answer, criteria: Criteria): readonly Reason[] {
  if (answer.verifyError !== undefined) return [reason(VERIFY_REASON[answer.verifyError], 'COMPARISON')];
  const { required, informational } = comparisonsOf(answer, criteria);
  if (!answer.verifyPresent || required.length === 0) return [reason('COMPARE_MISSING', 'COMPARISON')];
  const problems = required.map((comparison) => comparisonProblem(comparison, { far: criteria.requiredFar, answer }));
  // Numbers without meaning beside the one that decides: nobody can say what that one means.
  if (![...required, ...informational].every((comparison) => isPlausible(comparison, answer))) problems.push('THRESHOLD_IMPLAUSIBLE');
  return problems.filter((code) => code !== undefined).map((code) => reason(code, 'COMPARISON'));
}

function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter(({ code }, index) => reasons.findIndex((other) => other.code === code) === index);
}
