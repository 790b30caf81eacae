import { defined } from '../../domain/defined.ts';
import { type Answer, isFinal } from '../../domain/judging/answer.ts';
import { compareBizNo } from './biz-no.ts';
import { contradictionsOf } from './contradictions.ts';
import { attackSignsOf } from './attack-signs.ts';
import { type BodyErrors, errorsOf } from './error-body.ts';
import { shownKey } from './error-values.ts';
import type { AnswerBody } from './json-body.ts';
import { own, readCount } from './json-values.ts';
import { readLiveness } from './liveness.ts';
import type { Quirk, QuirkLog } from './quirks.ts';
import { requestIdsOf } from './request-ids.ts';
import { readFailReason, readStatus } from './status.ts';
import { readVerifyResult } from './verify-result.ts';

/** `wasEncoded`: the body had a content encoding, which was undone. */
type ReadOptions = { readonly expectedBizNo: string | undefined; readonly wasEncoded?: boolean };

/**
 * Reads everything that can decide out of a successful answer. Images and unknown fields are dropped (docs/vendor.md rows 26–31,
 * 43): their presence is never a signal. Anything not positively understood can only make the answer weaker.
 */
export function readAnswer(body: AnswerBody, options: ReadOptions): Answer {
  const { root, duplicates } = body;
  const quirks = new Set<Quirk>();
  const notUnderstood = new Set<string>();
  if (body.bomStripped) quirks.add('BOM_STRIPPED');
  if (body.otherCharset) quirks.add('CHARSET_DECLARED');
  if (options.wasEncoded === true) quirks.add('CONTENT_ENCODED');
  if (duplicates.length > 0) quirks.add('DUPLICATE_KEYS');
  const errors = errorsOf(body);
  for (const quirk of errors.quirks) quirks.add(quirk);
  const implausible = new Set<string>();
  const failReason = readFailReason(own(root, 'fail_reason'), quirks);
  const multipleFaces = readMultipleFaces(own(root, 'multifaces_tag'), { quirks, notUnderstood });
  const timeUsedMs = readTimeUsed(own(root, 'time_used'), quirks);
  const { status, ...rawStatus } = readStatus(own(root, 'status'), quirks);
  const verify = readVerifyResult(own(root, 'verify_result'), { quirks, notUnderstood, implausible });
  const attackSigns = attackSignsOf(body, quirks);
  return {
    status,
    ...rawStatus,
    ...defined({ failReason }),
    liveness: readLiveness(own(root, 'liveness_result'), quirks),
    ...verify,
    ...defined({ multipleFaces }),
    bizNo: compareBizNo(body, { expected: options.expectedBizNo, quirks }),
    vendorRequestIds: requestIdsOf(body, { quirks }),
    ...defined({ timeUsedMs }),
    ...(implausible.size === 0 ? {} : { implausible: [...implausible] }),
    ...(attackSigns.length === 0 ? {} : { attackSigns }),
    // Before the session is over, a decisive field that makes no sense must not end the verification.
    unclear: [...new Set([...contradictionsOf(duplicates), ...(status === 'OK' ? notUnderstood : []), ...errorsBeside(status, errors)])],
    quirks: [...quirks],
  };
}

/** An error beside a final status: one of the two is wrong, and the answer is kept for whoever finds out which. */
function errorsBeside(status: Answer['status'], { keys }: BodyErrors): readonly string[] {
  return isFinal(status) ? keys.map(shownKey) : [];
}

/** docs/vendor.md row 29: "0", "1", 0, 1 or a boolean; a tag of any other kind is not understood, so the answer may not pass. */
function readMultipleFaces(value: unknown, notes: { readonly quirks: QuirkLog; readonly notUnderstood: Set<string> }): boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value === true || value === 1 || value === '1') return true;
  if (value === false || value === 0 || value === '0') return false;
  notes.quirks.add('MULTIFACES_TAG_UNKNOWN');
  notes.notUnderstood.add('multifaces_tag');
  return undefined;
}

/** docs/vendor.md row 33: informational. */
function readTimeUsed(value: unknown, quirks: QuirkLog): number | undefined {
  if (value === undefined || value === null) return undefined;
  const timeUsedMs = readCount(value, quirks);
  if (timeUsedMs === undefined) quirks.add('TIME_USED_DROPPED');
  return timeUsedMs;
}
