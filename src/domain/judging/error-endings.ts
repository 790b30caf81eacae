import type { ReadReport, VendorError } from '../reading/report.ts';
import type { EndingCode } from './unjudged.ts';

/** Undefined: the answer itself says something about the token. */
const VENDOR_ERROR_BLOCKER: Readonly<Record<VendorError, EndingCode | undefined>> = {
  RESULT_NOT_FOUND: undefined,
  DATA_DESTROYED: undefined,
  AUTHENTICATION_ERROR: 'AUTHENTICATION',
  AUTHORIZATION_ERROR: 'AUTHORIZATION',
  CONCURRENCY_LIMIT_EXCEEDED: 'CONCURRENCY_SATURATED',
  MISSING_ARGUMENTS: 'BAD_REQUEST',
  BAD_ARGUMENTS: 'BAD_REQUEST',
  API_NOT_FOUND: 'API_NOT_FOUND',
  INTERNAL_ERROR: 'VENDOR_UNAVAILABLE',
  INVALID_TOKEN: undefined,
  DATA_SOURCE_ERROR: 'DATA_SOURCE_ERROR',
  NO_FACE_FOUND: 'COMPARE_NO_FACE',
  MULTIPLE_FACES: 'REFERENCE_IMAGE_UNUSABLE',
  IMAGE_ERROR_UNSUPPORTED_FORMAT: 'REFERENCE_IMAGE_UNUSABLE',
  NO_SUCH_ID_NUMBER: 'IDENTITY_NOT_FOUND',
  ID_NUMBER_NAME_NOT_MATCH: 'IDENTITY_NAME_MISMATCH',
};

const DEFINITE: ReadonlySet<VendorError> = new Set([
  'DATA_SOURCE_ERROR',
  'NO_FACE_FOUND',
  'MULTIPLE_FACES',
  'IMAGE_ERROR_UNSUPPORTED_FORMAT',
  'NO_SUCH_ID_NUMBER',
  'ID_NUMBER_NAME_NOT_MATCH',
]);

export type ErrorReport = Extract<ReadReport, { kind: 'VENDOR_ERROR' }>;

/** What an error tells of why nothing could be read, if nothing else does; undefined if it speaks of the token itself. */
export function blockerOfError(error: VendorError): EndingCode | undefined {
  return VENDOR_ERROR_BLOCKER[error];
}

/** What an error ends a verification with at once; undefined if another read may bring more, as it may beside a status. */
export function definiteEnding({ error, credible }: ErrorReport): EndingCode | undefined {
  return DEFINITE.has(error) && (credible !== false || error === 'DATA_SOURCE_ERROR') ? VENDOR_ERROR_BLOCKER[error] : undefined;
}

/** What a refusal that speaks of this token ends with (see `deniesToken`). */
export function deniedEnding({ error }: ErrorReport): EndingCode {
  return VENDOR_ERROR_BLOCKER[error] ?? 'TOKEN_UNKNOWN';
}
