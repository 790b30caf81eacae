import { defined } from '../../domain/defined.ts';
import { type Answer, isFinal } from '../../domain/judging/answer.ts';
import { compareBizNo, isStrayBizNo } from './biz-no.ts';
import { isComparisonLike, isComparisonName } from './comparisons.ts';
import { contradictionsOf } from './contradictions.ts';
import { denialsOf } from './denials.ts';
import { attackSignsOf } from './attack-signs.ts';
import type { BodyErrors } from './error-body.ts';
import { shownKey } from './error-values.ts';
import { type AnswerBody, fieldsOf } from './json-body.ts';
import { isNoData, misspeltIn, own, readCount } from './json-values.ts';
import { readLiveness } from './liveness.ts';
import { isMultipleFacesName, isOneFace, isSeveralFaces, readMultipleFaces } from './multiple-faces.ts';
import type { Quirk, QuirkLog } from './quirks.ts';
import { requestIdsOf } from './request-ids.ts';
import { readFailReason, readStatus } from './status.ts';
import { readVerifyResult } from './verify-result.ts';

type ReadOptions = {
  readonly expectedBizNo: string | undefined;
  readonly errors: BodyErrors;
  /** The body had a content encoding, which was undone. */
  readonly wasEncoded?: boolean;
};

/**
 * Reads everything that can decide out of a successful answer. Images and unknown fields are dropped (docs/vendor.md rows 26–31,
 * 43): their presence is never a signal. Anything not positively understood can only make the answer weaker.
 */
export function readAnswer(body: AnswerBody, options: ReadOptions): Answer {
  const { root, duplicates } = body;
  const { errors } = options;
  const quirks = new Set<Quirk>();
  const notUnderstood = new Set<string>();
  if (body.bomStripped) quirks.add('BOM_STRIPPED');
  if (body.otherCharset) quirks.add('CHARSET_DECLARED');
  if (options.wasEncoded === true) quirks.add('CONTENT_ENCODED');
  if (duplicates.length > 0) quirks.add('DUPLICATE_KEYS');
  for (const quirk of errors.quirks) quirks.add(quirk);
  const implausible = new Set<string>();
  const failReason = readFailReason(own(root, 'fail_reason'), quirks);
  const multipleFaces = readMultipleFaces(own(root, 'multifaces_tag'), { quirks, notUnderstood });
  const timeUsedMs = readTimeUsed(own(root, 'time_used'), quirks);
  const { status, ...rawStatus } = readStatus(own(root, 'status'), quirks);
  const verify = readVerifyResult(own(root, 'verify_result'), { quirks, notUnderstood, implausible });
  const liveness = readLiveness(own(root, 'liveness_result'), { quirks, notUnderstood });
  const attackSigns = attackSignsOf(body, quirks);
  for (const name of misplacedIn(body, options.expectedBizNo)) notUnderstood.add(name);
  const passes = status === 'OK' && liveness.result === 'PASS' && attackSigns.length === 0;
  return {
    status,
    ...rawStatus,
    ...defined({ failReason }),
    liveness,
    ...verify,
    ...defined({ multipleFaces }),
    bizNo: compareBizNo(body, { expected: options.expectedBizNo, quirks }),
    vendorRequestIds: requestIdsOf(body, { quirks }),
    ...defined({ timeUsedMs }),
    ...(implausible.size === 0 ? {} : { implausible: [...implausible] }),
    ...(attackSigns.length === 0 ? {} : { attackSigns }),
    unclear: unclearOf([
      ...contradictionsOf(duplicates),
      // Before the session is over, a decisive field that makes no sense must not end the verification.
      ...(status === 'OK' ? notUnderstood : []),
      ...errorsBeside(status, errors),
      // Beside a rejection it only says the same, and a sign of an attack says more.
      ...(passes ? denialsOf(body) : []),
    ]),
    quirks: [...quirks],
  };
}

/** One is enough to decide; a hostile body cannot fill the history. */
const MAX_UNCLEAR = 16;

function unclearOf(names: readonly string[]): readonly string[] {
  return [...new Set(names)].slice(0, MAX_UNCLEAR);
}

/** An error beside a final status: one of the two is wrong, and the answer is kept for whoever finds out which. */
function errorsBeside(status: Answer['status'], { keys }: BodyErrors): readonly string[] {
  return isFinal(status) ? keys.map(shownKey) : [];
}

const AT_TOP = ['status', 'liveness_result', 'verify_result'] as const;

/** Names that decide and stand at the top in another spelling, or where nobody looks for them (docs/vendor.md row 69). */
function misplacedIn(body: AnswerBody, expectedBizNo: string | undefined): readonly string[] {
  const { root } = body;
  const present = fieldsOf(body).filter(({ value }) => !isNoData(value) && value !== '');
  const comparison = present.some(({ path, key }) => path.length === 1 && (isComparisonName(key) || isComparisonLike(key)));
  const faces = present.some(({ path, key, value }) => {
    const isTag = isMultipleFacesName(key) || (key === 'multifaces_tag' && path.length > 1);
    return (isTag && !isOneFace(value)) || isSeveralFaces(key, value);
  });
  const bizNo = present.some((field) => isStrayBizNo(field, { root, expected: expectedBizNo }));
  return [
    ...misspeltIn(root, AT_TOP),
    ...(comparison ? ['verify_result'] : []),
    ...(faces ? ['multifaces_tag'] : []),
    ...(bizNo ? ['biz_no'] : []),
  ];
}

/** docs/vendor.md row 33: informational. */
function readTimeUsed(value: unknown, quirks: QuirkLog): number | undefined {
  if (value === undefined || value === null) return undefined;
  const timeUsedMs = readCount(value, quirks);
  if (timeUsedMs === undefined) quirks.add('TIME_USED_DROPPED');
  return timeUsedMs;
}
