import type { VendorError } from '../../domain/reading/report.ts';
import { isNoError, vendorErrorOf } from './error-code.ts';
import type { AnswerBody } from './json-body.ts';
import { own } from './json-values.ts';

/** Where siblings and public clients found the code, in order of preference (docs/vendor.md row 37). */
export const ERROR_KEYS = ['error_message', 'error', 'ERROR', 'message'] as const;

export type BodyError =
  | { readonly kind: 'NONE' }
  | { readonly kind: 'KNOWN'; readonly code: VendorError }
  /** An error is reported, but not one of the documented codes. */
  | { readonly kind: 'UNKNOWN' };

/**
 * The error that the top level of a body reports. A repeated error key with different values reports none (the answer
 * names the contradiction); several keys with different codes are not understood. With a status present, a `message` without a known code is no error (a success text).
 */
export function errorOf(body: AnswerBody, options: { readonly statusPresent: boolean }): BodyError {
  if (contradictsItself(body)) return { kind: 'NONE' };
  const reported = ERROR_KEYS.map((key) => ({ key, value: own(body.root, key) })).filter(({ value }) => !isNoError(value));
  const codes = new Set(reported.map(({ value }) => (typeof value === 'string' ? vendorErrorOf(value) : undefined)));
  codes.delete(undefined);
  const [code] = codes;
  if (codes.size > 1) return { kind: 'UNKNOWN' };
  if (code !== undefined) return { kind: 'KNOWN', code };
  const unknown = reported.some(({ key }) => key !== 'message' || !options.statusPresent);
  return { kind: unknown ? 'UNKNOWN' : 'NONE' };
}

/** Searches a whole error body, JSON or not. */
export function mentionsDataDestroyed(body: Uint8Array): boolean {
  return /(?<![A-Z0-9_])DATA_DESTROYED(?![A-Z0-9_])/.test(Buffer.from(body).toString('latin1'));
}

function contradictsItself(body: AnswerBody): boolean {
  return body.duplicates.some(({ path, differs }) => differs && path.length === 1 && isErrorKey(path[0]));
}

function isErrorKey(key: string | undefined): boolean {
  return ERROR_KEYS.some((known) => known === key);
}
