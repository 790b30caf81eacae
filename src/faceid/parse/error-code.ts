import { VERIFY_ERRORS, type VerifyError } from '../../domain/judging/answer.ts';
import { VENDOR_ERRORS, type VendorError } from '../../domain/reading/report.ts';

/** Longer texts are cut before matching; the free text after the colon is never used. */
const MAX_TEXT = 512;

/** The code of `X`, `X:reason`, `X: reason` or the vendor page's `X: :` (docs/vendor.md row 20); undefined if the text is not of that form. */
export function errorCodeOf(text: string): string | undefined {
  return /^\s*([A-Z][A-Z0-9_]*)\s*(?::\s*(.*))?$/s.exec(text.slice(0, MAX_TEXT))?.[1];
}

export function vendorErrorOf(text: string): VendorError | undefined {
  const code = errorCodeOf(text);
  return VENDOR_ERRORS.find((known) => known === code);
}

export function verifyErrorOf(text: string): VerifyError | undefined {
  const code = errorCodeOf(text);
  return VERIFY_ERRORS.find((known) => known === code && known !== 'UNKNOWN');
}

/** docs/vendor.md row 19: null, absent, "null" and "" all mean that there is no error. */
export function isNoError(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && ['', 'null'].includes(value.trim().toLowerCase());
}
