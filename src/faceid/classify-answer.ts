import { createHash } from 'node:crypto';
import type { ReadReport, UncertainCause, VendorError } from '../domain/reading/report.ts';
import { readAnswer } from './parse/answer.ts';
import { errorOf, mentionsDataDestroyed } from './parse/error-body.ts';
import { type AnswerBody, parseAnswerBody } from './parse/json-body.ts';
import { requestIdsOf } from './parse/request-ids.ts';

/** A complete HTTP answer. Instants are RFC 3339. */
export type HttpAnswer = {
  readonly httpStatus: number;
  readonly body: Uint8Array;
  readonly sentAt: string;
  readonly answeredAt: string;
};

/**
 * What an answer means (docs/vendor.md, Error playbook and rows 9, 20, 22, 34–38). Total: never throws. An error
 * nobody documented is UNCERTAIN, which counts as a read.
 */
export function classifyAnswer(answer: HttpAnswer, options: { readonly expectedBizNo: string | undefined }): ReadReport {
  const parsed = parseAnswerBody(answer.body);
  const succeeded = answer.httpStatus >= 200 && answer.httpStatus < 300;
  if (!succeeded) return classifyRefusal(answer, parsed);
  if (parsed === undefined) return malformed(answer);
  const error = errorOf(parsed, { statusPresent: Object.hasOwn(parsed.root, 'status') });
  if (error.kind === 'KNOWN') return vendorError(answer, { error: error.code, parsed });
  if (error.kind === 'UNKNOWN') return uncertain(answer, 'UNREADABLE_ERROR');
  const { sentAt, answeredAt } = answer;
  return { kind: 'ANSWER', sentAt, answeredAt, answer: readAnswer(parsed, options) };
}

function classifyRefusal(answer: HttpAnswer, parsed: AnswerBody | undefined): ReadReport {
  const error = parsed === undefined ? undefined : errorOf(parsed, { statusPresent: false });
  if (error?.kind === 'KNOWN' && isCredible(error.code, answer.httpStatus)) {
    return vendorError(answer, { error: error.code, parsed });
  }
  // One public client had to search the whole body, because the field's name varied (docs/vendor.md row 37).
  if (mentionsDataDestroyed(answer.body)) return vendorError(answer, { error: 'DATA_DESTROYED', parsed });
  return uncertain(answer, causeOf(answer.httpStatus, { readable: parsed !== undefined }));
}

/** Codes that give a slot back are believed only with a 4xx: a gateway's 5xx proves nothing about the vendor. */
function isCredible(code: VendorError, httpStatus: number): boolean {
  if (httpStatus >= 500) return code === 'INTERNAL_ERROR' || code === 'DATA_DESTROYED';
  return httpStatus >= 400;
}

function causeOf(httpStatus: number, options: { readonly readable: boolean }): UncertainCause {
  if (httpStatus >= 500) return 'HTTP_5XX';
  if (httpStatus === 429) return 'THROTTLED';
  if (httpStatus === 408) return 'TIMEOUT';
  return options.readable && httpStatus >= 400 ? 'HTTP_4XX_UNKNOWN' : 'UNREADABLE_ERROR';
}

function vendorError(answer: HttpAnswer, found: { error: VendorError; parsed: AnswerBody | undefined }): ReadReport {
  const { sentAt, answeredAt, httpStatus } = answer;
  const vendorRequestIds = found.parsed === undefined ? [] : requestIdsOf(found.parsed, { quirks: new Set() });
  return { kind: 'VENDOR_ERROR', sentAt, answeredAt, error: found.error, httpStatus, vendorRequestIds };
}

function malformed(answer: HttpAnswer): ReadReport {
  const { sentAt, answeredAt, httpStatus, body } = answer;
  const bodySha256 = createHash('sha256').update(body).digest('hex');
  return { kind: 'MALFORMED', sentAt, answeredAt, httpStatus, bodyBytes: body.byteLength, bodySha256 };
}

function uncertain(answer: HttpAnswer, cause: UncertainCause): ReadReport {
  return { kind: 'UNCERTAIN', cause, sentAt: answer.sentAt, endedAt: answer.answeredAt, httpStatus: answer.httpStatus };
}
