import { defined } from '../../domain/defined.ts';
import { type Answer, FAIL_REASONS, type FailReason, VENDOR_STATUSES } from '../../domain/judging/answer.ts';
import { foldWord } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** docs/vendor.md row 2: the table says FAILED, the sample Failed. Folded, then matched against a closed map; a word outside of it is kept. */
export function readStatus(value: unknown, quirks: QuirkLog): Pick<Answer, 'status' | 'rawStatus'> {
  if (typeof value !== 'string') {
    quirks.add('STATUS_MISSING');
    return { status: 'UNKNOWN' };
  }
  const word = foldWord(value);
  const status = VENDOR_STATUSES.find((known) => known === word && known !== 'UNKNOWN');
  if (status === undefined) quirks.add('STATUS_UNKNOWN');
  else if (status !== value) quirks.add('STATUS_CASE_FOLDED');
  return status === undefined ? { status: 'UNKNOWN', ...defined({ rawStatus: word }) } : { status };
}

/** `fail_reason` of the sibling products' WEBRTC_UNSUPPORTED. */
export function readFailReason(value: unknown, quirks: QuirkLog): FailReason | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const word = typeof value === 'string' ? foldWord(value) : undefined;
  const reason = FAIL_REASONS.find((known) => known === word && known !== 'UNKNOWN');
  if (reason === undefined) quirks.add('FAIL_REASON_UNKNOWN');
  return reason ?? 'UNKNOWN';
}
