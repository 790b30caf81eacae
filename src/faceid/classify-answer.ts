import { createHash } from 'node:crypto';
import { defined } from '../domain/defined.ts';
import { type Answer, isFinal } from '../domain/judging/answer.ts';
import type { ReadReport, UncertainCause, VendorError } from '../domain/reading/report.ts';
import { readAnswer } from './parse/answer.ts';
import { errorsOf } from './parse/error-body.ts';
import { type KnownError, mentionsDataDestroyed } from './parse/error-code.ts';
import { isErrorKey } from './parse/error-values.ts';
import { type AnswerBody, fieldsOf, parseAnswerBody } from './parse/json-body.ts';
import { own } from './parse/json-values.ts';
import { requestIdsOf } from './parse/request-ids.ts';
import { readStatus } from './parse/status.ts';

/** A complete HTTP answer. Instants are RFC 3339. */
export type HttpAnswer = {
  readonly httpStatus: number;
  /** Decoded, if it had a content encoding. */
  readonly body: Uint8Array;
  readonly contentType?: string;
  readonly wasEncoded?: boolean;
  readonly sentAt: string;
  readonly answeredAt: string;
};

/**
 * What an answer means (docs/vendor.md, error playbook, docs/vendor.md rows 9, 20, 22, 34–38). Total: never throws. An error
 * nobody documented is UNCERTAIN, which counts as a read. Beside a final status no error throws the answer away.
 */
export function classifyAnswer(answer: HttpAnswer, options: { readonly expectedBizNo: string | undefined }): ReadReport {
  const parsed = parseAnswerBody(answer.body, answer.contentType);
  const succeeded = answer.httpStatus >= 200 && answer.httpStatus < 300;
  if (!succeeded) return classifyRefusal(answer, parsed);
  if (parsed === undefined) return malformed(answer);
  const errors = errorsOf(parsed);
  if (!isFinal(statusOf(parsed))) {
    if (errors.known !== undefined) return vendorError(answer, { known: errors.known, parsed });
    if (errors.definite) return uncertain(answer, 'UNREADABLE_ERROR');
  }
  const { sentAt, answeredAt } = answer;
  return { kind: 'ANSWER', sentAt, answeredAt, answer: readAnswer(parsed, { ...options, ...defined({ wasEncoded: answer.wasEncoded }) }) };
}

function statusOf({ root }: AnswerBody): Answer['status'] {
  return readStatus(own(root, 'status'), new Set()).status;
}

function classifyRefusal(answer: HttpAnswer, parsed: AnswerBody | undefined): ReadReport {
  const known = parsed && errorsOf(parsed).known;
  if (known !== undefined && isCredible(known.error, answer.httpStatus)) return vendorError(answer, { known, parsed });
  if (saysDestroyed(answer, parsed)) return vendorError(answer, { known: { error: 'DATA_DESTROYED' }, parsed });
  return uncertain(answer, causeOf(answer.httpStatus, { readable: parsed !== undefined }));
}

/**
 * One public client had to search the whole body, because the field's name varied. A page of a gateway's, by 5xx, and a
 * redirect prove nothing about the vendor.
 */
function saysDestroyed({ httpStatus, body }: HttpAnswer, parsed: AnswerBody | undefined): boolean {
  const believed = httpStatus >= 500 ? parsed !== undefined : httpStatus >= 400;
  return believed && mentionsDataDestroyed(body);
}

/** Codes that give a slot back are believed only with a 4xx: a gateway's 5xx proves nothing about the vendor. */
function isCredible(code: VendorError, httpStatus: number): boolean {
  if (httpStatus >= 500) return code === 'INTERNAL_ERROR' || code === 'DATA_DESTROYED' || code === 'DATA_SOURCE_ERROR';
  return httpStatus >= 400;
}

function causeOf(httpStatus: number, options: { readonly readable: boolean }): UncertainCause {
  if (httpStatus >= 500) return 'HTTP_5XX';
  if (httpStatus === 429) return 'THROTTLED';
  if (httpStatus === 408) return 'TIMEOUT';
  return options.readable && httpStatus >= 400 ? 'HTTP_4XX_UNKNOWN' : 'UNREADABLE_ERROR';
}

function vendorError(answer: HttpAnswer, { known, parsed }: { known: KnownError; parsed: AnswerBody | undefined }): ReadReport {
  const { sentAt, answeredAt, httpStatus } = answer;
  const vendorRequestIds = parsed === undefined ? [] : requestIdsOf(parsed, { quirks: new Set() });
  const quirks = parsed === undefined ? [] : errorsOf(parsed).quirks;
  return {
    kind: 'VENDOR_ERROR',
    sentAt,
    answeredAt,
    ...known,
    httpStatus,
    vendorRequestIds,
    ...(parsed !== undefined && (holdsResult(parsed) || mentionsDataDestroyed(answer.body)) ? { credible: false } : {}),
    ...(quirks.length === 0 ? {} : { quirks }),
  };
}

/** Something of a status or a result beside an error, however deep and were it empty: the vendor looked, whatever it says. */
function holdsResult(body: AnswerBody): boolean {
  return fieldsOf(body).some(({ key }) => /status|result|liveness|verif|image|compar|confidence/i.test(key) && !isErrorKey(key));
}

function malformed(answer: HttpAnswer): ReadReport {
  const { sentAt, answeredAt, httpStatus, body } = answer;
  const bodySha256 = createHash('sha256').update(body).digest('hex');
  return { kind: 'MALFORMED', sentAt, answeredAt, httpStatus, bodyBytes: body.byteLength, bodySha256 };
}

function uncertain(answer: HttpAnswer, cause: UncertainCause): ReadReport {
  return { kind: 'UNCERTAIN', cause, sentAt: answer.sentAt, endedAt: answer.answeredAt, httpStatus: answer.httpStatus };
}
