import { defined } from '../../domain/defined.ts';
import type { Answer, VerifyError } from '../../domain/judging/answer.ts';
import { readComparisons } from './comparisons.ts';
import { isNoError, verifyErrorOf } from './error-code.ts';
import { isJsonObject, isNoData, own } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

type VerifyAnswer = Pick<Answer, 'verifyPresent' | 'verifyError' | 'comparisons'>;

const NO_DATA: VerifyAnswer = { verifyPresent: false, comparisons: [] };

/** `verify_result` (docs/vendor.md rows 8, 11, 13–22). A `biz_no` inside it is no comparison data. */
export function readVerifyResult(value: unknown, notes: { readonly quirks: QuirkLog; readonly notUnderstood: Set<string> }): VerifyAnswer {
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
  if (isNoError(value)) {
    if (typeof value === 'string') quirks.add('VERIFY_ERROR_NULL_TEXT');
    return undefined;
  }
  const error = typeof value === 'string' ? verifyErrorOf(value) : undefined;
  if (error === undefined) quirks.add('VERIFY_ERROR_UNKNOWN');
  return error ?? 'UNKNOWN';
}
