import { VERIFY_ERRORS, type VerifyError } from '../../domain/judging/answer.ts';
import { VENDOR_ERRORS, type VendorError } from '../../domain/reading/report.ts';

/** Longer texts are cut before matching; the free text after the colon is never used. */
const MAX_TEXT = 512;

/**
 * What each code of the vendor and of its sibling products means here (docs/vendor.md). Only codes that leave no doubt: a
 * gateway's "Bad Request" is none, because what gives a slot back must be the vendor's own word.
 */
const CODES: Readonly<Record<VendorError, string>> = {
  RESULT_NOT_FOUND: 'RESULT_NOT_EXIST RESULT_NOT_EXISTS BIZ_NOT_FOUND',
  INVALID_TOKEN:
    'TOKEN_INVALID INVALID_BIZ_TOKEN BIZ_TOKEN_DENIED BIZ_TOKEN_INVALID TOKEN_DENIED ILLEGAL_TOKEN UNKNOWN_TOKEN NO_SUCH_TOKEN ' +
    'TOKEN_NOT_FOUND TOKEN_NOT_EXIST TOKEN_NOT_EXISTS TOKEN_EXPIRED EXPIRED_TOKEN BIZ_TOKEN_EXPIRED',
  AUTHENTICATION_ERROR:
    'AUTHENTICATION_FAIL AUTHENTICATION_FAILED AUTHENTICATION_FAILURE INVALID_SIGN INVALID_SIGNATURE EXPIRED_SIGN INVALID_API_KEY',
  AUTHORIZATION_ERROR:
    'AUTHORIZATION_FAIL AUTHORIZATION_FAILED API_KEY_BE_DISCONTINUED API_KEY_EXPIRED ACCOUNT_DISCONTINUED IP_NOT_ALLOWED BALANCE_NOT_ENOUGH',
  CONCURRENCY_LIMIT_EXCEEDED: 'CONCURRENT_LIMIT_EXCEEDED CONCURRENCY_LIMITED',
  MISSING_ARGUMENTS: 'MISSING_ARGUMENT MISSING_PARAMETER MISSING_PARAMETERS',
  BAD_ARGUMENTS:
    'BAD_ARGUMENT INVALID_ARGUMENT INVALID_ARGUMENTS ILLEGAL_ARGUMENT ILLEGAL_ARGUMENTS BAD_PARAMETER BAD_PARAMETERS ' +
    'INVALID_PARAMETER INVALID_PARAMETERS ILLEGAL_PARAMETER ILLEGAL_PARAMETERS',
  API_NOT_FOUND: '',
  DATA_DESTROYED: '',
  INTERNAL_ERROR: '',
  DATA_SOURCE_ERROR: '',
  NO_FACE_FOUND: 'FACE_NOT_FOUND',
  MULTIPLE_FACES: 'MULTIPLE_FACES_FOUND TOO_MANY_FACES',
  IMAGE_ERROR_UNSUPPORTED_FORMAT: 'INVALID_IMAGE_SIZE PHOTO_FORMAT_ERROR',
  NO_SUCH_ID_NUMBER: 'NO_ID_CARD_NUMBER',
  ID_NUMBER_NAME_NOT_MATCH: '',
};

const ERROR_OF: ReadonlyMap<string, VendorError> = new Map(
  VENDOR_ERRORS.flatMap((error) =>
    [error, ...CODES[error].split(' ').filter((code) => code !== '')].map((code) => [squeezed(code), error] as const),
  ),
);

/** `about`: the refusal speaks of the very token that was asked for. */
export type KnownError = { readonly error: VendorError; readonly about?: 'TOKEN' };

/**
 * The code of `X`, `X:reason`, `X: reason` or the vendor page's `X: :` (docs/vendor.md row 20), in capitals and underscores however it was
 * written; undefined if the text is not of that form. ASCII only, because other folding turns look-alikes into codes.
 */
export function errorCodeOf(text: string): string | undefined {
  const code = /^\s*([A-Za-z][A-Za-z0-9 _-]*?)\s*(?:[:：(,;.].*)?$/s.exec(text.slice(0, MAX_TEXT))?.[1];
  return code
    ?.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[ _-]+/g, '_')
    .toUpperCase();
}

export function vendorErrorOf(text: string): KnownError | undefined {
  const code = errorCodeOf(text);
  const error = code === undefined ? undefined : ERROR_OF.get(squeezed(code));
  if (error === undefined) return undefined;
  const speaksOfToken = /^[^:：]*[:：][\s:：{]*(?:biz_?)?token\b/i.test(text.slice(0, MAX_TEXT));
  return error.endsWith('_ARGUMENTS') && speaksOfToken ? { error, about: 'TOKEN' } : { error };
}

/** `exact`: written as the vendor documents it. */
export function verifyErrorOf(text: string): { readonly error: VerifyError; readonly exact: boolean } | undefined {
  const said = errorCodeOf(text);
  const meant = said === undefined ? undefined : ERROR_OF.get(squeezed(said));
  const error = VERIFY_ERRORS.find((known) => known !== 'UNKNOWN' && known === meant);
  return error === undefined ? undefined : { error, exact: said === error && text.trimStart().startsWith(error) };
}

/** True if a text or code anywhere in a body, JSON or not, says that the data is destroyed. */
export function mentionsDataDestroyed(body: Uint8Array): boolean {
  return /(?<![A-Z0-9_])DATA[ _-]?DESTROYED(?![A-Z0-9_])/i.test(Buffer.from(body).toString('latin1'));
}

function squeezed(code: string): string {
  return code.replaceAll('_', '');
}
