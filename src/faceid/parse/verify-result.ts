import { defined } from '../../domain/defined.ts';
import type { Answer, VerifyError } from '../../domain/judging/answer.ts';
import { type Notes, readComparisons } from './comparisons.ts';
import { verifyErrorOf } from './error-code.ts';
import { isJsonObject, isNoData, own } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

type VerifyAnswer = Pick<Answer, 'verifyPresent' | 'verifyError' | 'comparisons'>;

const NO_DATA: VerifyAnswer = { verifyPresent: false, comparisons: [] };

/** `verify_result` (docs/vendor.md rows 8, 11, 13–22). A `biz_no` inside it is no comparison data. */
export function readVerifyResult(value: unknown, notes: Notes): VerifyAnswer {
  if (isNoData(value)) return NO_DATA;
  if (!isJsonObject(value)) {
    notes.quirks.add('VERIFY_NOT_OBJECT');
    return NO_DATA;
  }
  const verify = Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'biz_no'));
  if (isNoData(verify)) return NO_DATA;
  const verifyError = readVerifyError(own(verify, 'error_message'), notes.quirks);
  return {
    verifyPresent: true,
    ...defined({ verifyError }),
    comparisons: readComparisons(verify, notes),
  };
}

function readVerifyError(value: unknown, quirks: QuirkLog): VerifyError | undefined {
  if (isNoComparisonError(value)) {
    if (typeof value === 'string') quirks.add('VERIFY_ERROR_NULL_TEXT');
    return undefined;
  }
  const known = typeof value === 'string' ? verifyErrorOf(value) : undefined;
  if (known === undefined) quirks.add('VERIFY_ERROR_UNKNOWN');
  else if (!known.exact) quirks.add('ERROR_CODE_FOLDED');
  return known?.error ?? 'UNKNOWN';
}

/** docs/vendor.md row 19: null, absent, "null" and "" all mean that there is no error. Nothing else does, where a match depends on it. */
function isNoComparisonError(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && ['', 'null'].includes(value.trim().toLowerCase());
}
