import { createHash } from 'node:crypto';
import { defined } from '../domain/defined.ts';
import { canTell, isFinal } from '../domain/judging/answer.ts';
import type { ReadReport, UncertainCause, VendorError } from '../domain/reading/report.ts';
import { type EvidenceWish, handOver } from './evidence.ts';
import { readAnswer } from './parse/answer.ts';
import { type BodyErrors, errorsOf } from './parse/error-body.ts';
import { type KnownError, mentionsDataDestroyed } from './parse/error-code.ts';
import { isErrorKey } from './parse/error-values.ts';
import { type AnswerBody, fieldsOf, parseAnswerBody } from './parse/json-body.ts';
import { requestIdsOf } from './parse/request-ids.ts';

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

export type ClassifyOptions = {
  readonly expectedBizNo: string | undefined;
  /** What is to be kept of the answer; absent: nothing. */
  readonly evidence?: EvidenceWish;
};

/**
 * What an answer means (docs/vendor.md, error playbook, docs/vendor.md rows 9, 20, 22, 34–38). Total: never throws. An error
 * nobody documented is UNCERTAIN, which counts as a read. Beside a final status no error throws the answer away.
 */
export function classifyAnswer(answer: HttpAnswer, options: ClassifyOptions): ReadReport {
  const parsed = parseAnswerBody(answer.body, answer.contentType);
  const said = parsed && { parsed, errors: errorsOf(parsed) };
  const succeeded = answer.httpStatus >= 200 && answer.httpStatus < 300;
  if (!succeeded) return classifyRefusal(answer, said);
  if (said === undefined) return malformed(answer);
  const { sentAt, answeredAt, wasEncoded } = answer;
  const { expectedBizNo, evidence } = options;
  const read = readAnswer(said.parsed, { expectedBizNo, errors: said.errors, ...defined({ wasEncoded }) });
  if (!isFinal(read.status)) {
    const { known, definite } = said.errors;
    if (known !== undefined) return vendorError(answer, { known, said });
    if (definite) return uncertain(answer, 'UNREADABLE_ERROR');
  }
  const quirks = evidence !== undefined && canTell(read) ? handOver(evidence, { body: answer.body, parsed: said.parsed, read }) : [];
  return { kind: 'ANSWER', sentAt, answeredAt, answer: quirks.length === 0 ? read : { ...read, quirks: [...read.quirks, ...quirks] } };
}

/** A body that is JSON, and the errors that it reports. */
type Said = { readonly parsed: AnswerBody; readonly errors: BodyErrors };

function classifyRefusal(answer: HttpAnswer, said: Said | undefined): ReadReport {
  const known = said?.errors.known;
  if (known !== undefined && isCredible(known.error, answer.httpStatus)) return vendorError(answer, { known, said });
  if (saysDestroyed(answer, said)) return vendorError(answer, { known: { error: 'DATA_DESTROYED' }, said });
  return uncertain(answer, causeOf(answer.httpStatus, { readable: said !== undefined }));
}

/**
 * One public client had to search the whole body, because the field's name varied. A page of a gateway's, by 5xx, and a
 * redirect prove nothing about the vendor.
 */
function saysDestroyed({ httpStatus, body }: HttpAnswer, said: Said | undefined): boolean {
  const believed = httpStatus >= 500 ? said !== undefined : httpStatus >= 400;
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

function vendorError(answer: HttpAnswer, { known, said }: { known: KnownError; said: Said | undefined }): ReadReport {
  const { sentAt, answeredAt, httpStatus } = answer;
  const vendorRequestIds = said === undefined ? [] : requestIdsOf(said.parsed, { quirks: new Set() });
  const quirks = said?.errors.quirks ?? [];
  return {
    kind: 'VENDOR_ERROR',
    sentAt,
    answeredAt,
    ...known,
    httpStatus,
    vendorRequestIds,
    ...(said !== undefined && (holdsResult(said.parsed) || mentionsDataDestroyed(answer.body)) ? { credible: false } : {}),
    ...(quirks.length === 0 ? {} : { quirks }),
  };
}

/** Of the names that only an answer has, those that no refusal would give to something else. */
const RESULT_KEY = /status|result|liveness|verif|image|compar|confidence|score|threshold|attack|genuin|faces/i;
/** A lookahead, and the names looked at one by one, or a text of nothing but such words would take minutes. */
const KEY_IN_TEXT = /"(?=([^"]*)"\s*:)/g;

/**
 * Something of a status or a result beside an error, however deep, were it empty or JSON within a text: the vendor looked,
 * whatever it says.
 */
function holdsResult(body: AnswerBody): boolean {
  return fieldsOf(body).some(
    ({ key, value }) => (RESULT_KEY.test(key) && !isErrorKey(key)) || (typeof value === 'string' && speaksOfResult(value)),
  );
}

function speaksOfResult(text: string): boolean {
  for (const [, key = ''] of text.matchAll(KEY_IN_TEXT)) if (RESULT_KEY.test(key)) return true;
  return false;
}

function malformed(answer: HttpAnswer): ReadReport {
  const { sentAt, answeredAt, httpStatus, body } = answer;
  const bodySha256 = createHash('sha256').update(body).digest('hex');
  return { kind: 'MALFORMED', sentAt, answeredAt, httpStatus, bodyBytes: body.byteLength, bodySha256 };
}

function uncertain(answer: HttpAnswer, cause: UncertainCause): ReadReport {
  return { kind: 'UNCERTAIN', cause, sentAt: answer.sentAt, endedAt: answer.answeredAt, httpStatus: answer.httpStatus };
}
