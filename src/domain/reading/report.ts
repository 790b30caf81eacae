import { defined } from '../defined.ts';
import { exhausted } from '../exhaustive.ts';
import { instantOf } from '../instant.ts';
import type { KeptEvidence } from '../evidence.ts';
import type { SinceThen } from '../gate/gate.ts';
import type { Answer } from '../judging/answer.ts';

/** The error codes that the vendor documents and, from INVALID_TOKEN on, those of its siblings. */
export const VENDOR_ERRORS = [
  'RESULT_NOT_FOUND',
  'AUTHENTICATION_ERROR',
  'AUTHORIZATION_ERROR',
  'CONCURRENCY_LIMIT_EXCEEDED',
  'MISSING_ARGUMENTS',
  'BAD_ARGUMENTS',
  'API_NOT_FOUND',
  'DATA_DESTROYED',
  'INTERNAL_ERROR',
  'INVALID_TOKEN',
  'DATA_SOURCE_ERROR',
  'NO_FACE_FOUND',
  'MULTIPLE_FACES',
  'IMAGE_ERROR_UNSUPPORTED_FORMAT',
  'NO_SUCH_ID_NUMBER',
  'ID_NUMBER_NAME_NOT_MATCH',
] as const;
export type VendorError = (typeof VENDOR_ERRORS)[number];

/** A request that may have been sent, and whose effect on the vendor's counter nobody can know. */
export const UNCERTAIN_CAUSES = [
  'TIMEOUT',
  'CONNECTION_LOST',
  'HTTP_5XX',
  'HTTP_4XX_UNKNOWN',
  'THROTTLED',
  'UNREADABLE_ERROR',
  'BODY_TOO_LARGE',
  'WORKER_LOST',
] as const;
export type UncertainCause = (typeof UNCERTAIN_CAUSES)[number];

/** Proof that no byte of a request left this process. */
export const UNSENT_CAUSES = [
  'CONNECT_FAILED',
  'OWN_RATE_LIMIT',
  'OUT_OF_TIME',
  'NO_WORKER',
  'WINDOW_PASSED',
  'TOKEN_KEY_UNKNOWN',
  'GATE_CLOSED',
] as const;
export type UnsentCause = (typeof UNSENT_CAUSES)[number];

/** The quota guard refused this dispatch (ADR 0010); whether an earlier dispatch of it sent something is unknown. */
export const WITHHELD_WHYS = ['REDISPATCHED', 'NOT_IN_WORKFLOW', 'NO_SLOT_LEFT', 'LEDGER_UNKNOWN'] as const;
export type WithheldWhy = (typeof WITHHELD_WHYS)[number];

/** Why nobody can say how many reads were made; any of these withholds a read. */
export const LEDGER_DOUBTS = [
  'HOME_NOT_FOUND',
  'HOME_AMBIGUOUS',
  'HOME_RUNNING',
  'OTHER_TERMS',
  'SERVER_UNAVAILABLE',
  'GRANT_UNCONFIRMED',
] as const;
export type LedgerDoubt = (typeof LEDGER_DOUBTS)[number];

/**
 * The result of one scheduled read. `getResult` never throws for anything foreseen: it returns one of these.
 * Instants are RFC 3339 strings so that the Temporal UI shows them readably.
 */
export type ReadReport =
  /** `evidence`: what became of what it brought for keeping; absent: nothing was to be kept. */
  | ({ readonly kind: 'ANSWER'; readonly answer: Answer; readonly evidence?: KeptEvidence } & Answered)
  | ({
      readonly kind: 'VENDOR_ERROR';
      readonly error: VendorError;
      readonly httpStatus: number;
      readonly vendorRequestIds: readonly string[];
      /** The refusal speaks of the very token that was asked for. */
      readonly about?: 'TOKEN';
      /** False: the body held a status or a result beside the refusal, so the vendor did look. */
      readonly credible?: false;
      readonly quirks?: readonly string[];
    } & Answered)
  | ({
      readonly kind: 'MALFORMED';
      readonly httpStatus: number;
      readonly bodyBytes: number;
      readonly bodySha256: string;
    } & Answered)
  | {
      readonly kind: 'UNCERTAIN';
      readonly cause: UncertainCause;
      readonly sentAt?: string;
      readonly endedAt: string;
      readonly httpStatus?: number;
    }
  /** `gate`: since when it lets no such read begin, by whom and why, if the cause is GATE_CLOSED. */
  | { readonly kind: 'UNSENT'; readonly cause: UnsentCause; readonly endedAt: string; readonly gate?: SinceThen }
  | { readonly kind: 'WITHHELD'; readonly why: WithheldWhy; readonly doubt?: LedgerDoubt; readonly endedAt: string };

/** The vendor answered. `granted`: number of its grant, if it was made in a run that is not the home run (ADR 0010). */
type Answered = { readonly sentAt: string; readonly answeredAt: string; readonly granted?: number };

/** Whether the vendor answered this read: nothing that comes later can change what the report says. */
export function isAnswered(report: ReadReport): report is Extract<ReadReport, Answered> {
  return report.kind === 'ANSWER' || report.kind === 'VENDOR_ERROR' || report.kind === 'MALFORMED';
}

/** A read of which no byte left. */
export function unsent(cause: UnsentCause, endedAtMs: number): ReadReport {
  return { kind: 'UNSENT', cause, endedAt: instantOf(endedAtMs) };
}

/** A read that the gate did not let begin. */
export function gateClosed(gate: SinceThen, endedAtMs: number): ReadReport {
  const { sinceAt, by, reason, ticket, isAutomatic } = gate;
  return {
    kind: 'UNSENT',
    cause: 'GATE_CLOSED',
    endedAt: instantOf(endedAtMs),
    gate: { sinceAt, by, reason, ...defined({ ticket, isAutomatic }) },
  };
}

export function isGateClosed(report: ReadReport | undefined): report is Extract<ReadReport, { kind: 'UNSENT' }> {
  return report?.kind === 'UNSENT' && report.cause === 'GATE_CLOSED';
}

/** The code that tells reports of one kind apart, e.g. `PROCESSING`, `DATA_DESTROYED`, `WORKER_LOST`. */
export function codeOf(report: ReadReport): string {
  switch (report.kind) {
    case 'ANSWER':
      return report.answer.status;
    case 'VENDOR_ERROR':
      return report.error;
    case 'MALFORMED':
      return report.kind;
    case 'UNCERTAIN':
    case 'UNSENT':
      return report.cause;
    case 'WITHHELD':
      return report.why;
    default:
      return exhausted(report);
  }
}
