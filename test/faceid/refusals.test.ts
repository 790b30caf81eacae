import { describe, expect, test } from 'vitest';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { fateOf } from '../../src/domain/reading/slots.ts';
import { classify, fixture } from './support/answers.ts';

const fate = (report: ReadReport): string => fateOf(report, { countRefused: false });

const FOLDED: readonly (readonly [text: string, error: string])[] = [
  ['concurrency limit exceeded', 'CONCURRENCY_LIMIT_EXCEEDED'],
  ['Concurrency-Limit-Exceeded', 'CONCURRENCY_LIMIT_EXCEEDED'],
  ['ConcurrencyLimitExceeded', 'CONCURRENCY_LIMIT_EXCEEDED'],
  [' concurrency_limit_exceeded : slow down ', 'CONCURRENCY_LIMIT_EXCEEDED'],
  ['Data_Destroyed', 'DATA_DESTROYED'],
  ['data destroyed', 'DATA_DESTROYED'],
  ['dataDestroyed: gone', 'DATA_DESTROYED'],
  ['authorization_error:Denied', 'AUTHORIZATION_ERROR'],
  ['Authentication Error', 'AUTHENTICATION_ERROR'],
  ['bad_arguments: return_image', 'BAD_ARGUMENTS'],
  ['result not found', 'RESULT_NOT_FOUND'],
  // What siblings say instead.
  ['INVALID_ARGUMENTS', 'BAD_ARGUMENTS'],
  ['INVALID_ARGUMENT:image', 'BAD_ARGUMENTS'],
  ['ILLEGAL_PARAMETER:{livenesstype}', 'BAD_ARGUMENTS'],
  ['MISSING_ARGUMENT: apiKey', 'MISSING_ARGUMENTS'],
  ['AUTHENTICATION_FAIL:{expire}', 'AUTHENTICATION_ERROR'],
  ['INVALID_SIGN', 'AUTHENTICATION_ERROR'],
  ['API_KEY_BE_DISCONTINUED', 'AUTHORIZATION_ERROR'],
  ['IP_NOT_ALLOWED', 'AUTHORIZATION_ERROR'],
  ['BIZ_TOKEN_DENIED', 'INVALID_TOKEN'],
  ['invalid token', 'INVALID_TOKEN'],
  ['TOKEN_EXPIRED', 'INVALID_TOKEN'],
  ['INVALID_IMAGE_SIZE: image_ref1', 'IMAGE_ERROR_UNSUPPORTED_FORMAT'],
  ['No Face Found', 'NO_FACE_FOUND'],
];

test.each(FOLDED)('"%s" is %s, under whatever name', (text, error) => {
  for (const key of ['error_message', 'error', 'ERROR', 'message', 'code', 'msg', 'error_code', 'errorCode', 'Message']) {
    expect(classify(400, { [key]: text })).toMatchObject({ kind: 'VENDOR_ERROR', error });
  }
  expect(classify(400, { error: { code: text, message: 'in other words' } })).toMatchObject({ kind: 'VENDOR_ERROR', error });
});

test.each([
  'Bad Request',
  'Forbidden',
  'concurrency',
  'CONCURRENCY LIMIT',
  'XCONCURRENCY_LIMIT_EXCEEDED',
  'CONCURRENCY_LIMIT_EXCEEDED_NOT',
  'concurrency limit exceeded by far',
  'ſoncurrency_limit_exceeded',
  'DATA_SOURCE',
])('"%s" is no code of the vendor’s, so the read counts', (text) => {
  const report = classify(403, { error_message: text });
  expect(report.kind).toBe('UNCERTAIN');
  expect(fate(report)).toBe('UNCERTAIN');
});

test.each([
  ['BAD_ARGUMENTS:token', 'TOKEN'],
  ['BAD_ARGUMENTS: biz_token', 'TOKEN'],
  ['bad arguments: Token is not valid', 'TOKEN'],
  ['MISSING_ARGUMENTS:token', 'TOKEN'],
  ['INVALID_ARGUMENTS: token', 'TOKEN'],
  ['ILLEGAL_PARAMETER:{token}', 'TOKEN'],
  ['BAD_ARGUMENTS:tokens', undefined],
  ['BAD_ARGUMENTS:return_image', undefined],
  ['BAD_ARGUMENTS', undefined],
  ['AUTHENTICATION_ERROR:token', undefined],
])('"%s" speaks of %s', (text, about) => {
  const report = classify(400, { error_message: text });
  expect(report.kind === 'VENDOR_ERROR' && report.about).toBe(about);
});

const CODES = [
  'CONCURRENCY_LIMIT_EXCEEDED',
  'AUTHENTICATION_ERROR',
  'AUTHORIZATION_ERROR:x',
  'MISSING_ARGUMENTS:x',
  'BAD_ARGUMENTS:x',
  'INVALID_ARGUMENTS',
  'API_NOT_FOUND',
];

describe.each(CODES)('a slot comes back for %s', (code) => {
  test.each([400, 401, 403, 404, 429])('by HTTP %i, with neither status nor result', (httpStatus) => {
    expect(fate(classify(httpStatus, { error_message: code, request_id: '1,a', time_used: 3 }))).toBe('REFUSED');
  });

  test.each([200, 201, 204, 302, 500, 502, 503])('and not by HTTP %i', (httpStatus) => {
    expect(fate(classify(httpStatus, { error_message: code }))).toBe('UNCERTAIN');
  });

  test.each<object>([
    { status: 'OK' },
    { status: 'PROCESSING' },
    { status: null },
    { Status: 'error' },
    { liveness_result: { result: 'PASS' } },
    { liveness_result: {} },
    { verify_result: null },
    { result_ref1: { confidence: 1 } },
    { result: 'x' },
    { data: { status: 'OK' } },
    { data: [{ deep: { liveness: null } }] },
    { verification: {} },
    { verified: false },
    { images: { image_best: '' } },
    { note: 'DATA_DESTROYED' },
    { note: { text: 'data destroyed: too often' } },
  ])('and not beside %j', (parts) => {
    expect(fate(classify(403, { error_message: code, ...parts }))).toBe('UNCERTAIN');
  });

  test('and not beside a result that a repeated key hides', () => {
    expect(fate(classify(403, `{"error_message":"${code}","data":{"status":"OK"},"data":1}`))).toBe('UNCERTAIN');
  });

  test('but beside names of errors that only sound like a result', () => {
    expect(fate(classify(403, { error_message: code, result_code: 7, error: { code: 7, message: 'slow down' } }))).toBe('REFUSED');
  });

  test('and not if another code contradicts it', () => {
    expect(fate(classify(403, { error_message: code, error: 'INTERNAL_ERROR' }))).toBe('UNCERTAIN');
    expect(fate(classify(403, `{"error_message":"INTERNAL_ERROR","error_message":"${code}"}`))).toBe('UNCERTAIN');
  });
});

test('HTTP 200 with a final status and a refusal is an answer that contradicts itself', () => {
  const body = { status: 'OK', liveness_result: { result: 'PASS' }, error: 'BAD_ARGUMENTS: x' };
  expect(classify(200, body)).toMatchObject({ kind: 'ANSWER', answer: { status: 'OK', unclear: ['error'] } });
});

test('an error under a name of others says so in a quirk', () => {
  expect(classify(200, { code: 'RESULT_NOT_FOUND', msg: 'nothing' })).toMatchObject({
    kind: 'VENDOR_ERROR',
    error: 'RESULT_NOT_FOUND',
    quirks: expect.arrayContaining(['ERROR_UNDER_OTHER_KEY']),
  });
  expect(classify(200, { error_code: 40301 })).toMatchObject({
    kind: 'ANSWER',
    answer: { status: 'UNKNOWN', quirks: expect.arrayContaining(['STATUS_MISSING', 'ERROR_UNDER_OTHER_KEY']) },
  });
});

/** The names of an answer's parts: of a passed one, and of what siblings add. */
const PARTS = [
  ...namesIn({ ...JSON.parse(fixture('passed.json')), image_best: '', face_genuineness: { mask_confidence: 0, mask_threshold: 0 } }),
].filter((name) => !/^(?:request_id|time_used|biz_no|error_message|details|[A-Z_]+|1e-\d)$/.test(name));

function namesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...namesIn(part)]);
}

test.each(PARTS)('row 55: beside %s, which only an answer has, a refusal gives no slot back', (name) => {
  for (const value of ['0', null, {}]) {
    expect(fate(classify(403, { error_message: 'BAD_ARGUMENTS: x', [name]: value }))).toBe('UNCERTAIN');
    expect(fate(classify(403, { error_message: 'BAD_ARGUMENTS: x', trace: [{ [name]: value }] }))).toBe('UNCERTAIN');
  }
});

test.each(['{"result":"FAIL"}', 'x {"liveness_result": {}} y', '{"a":{"Verify_Result" : 1}}'])(
  'row 55: a refusal whose text holds a result as JSON gives no slot back: %s',
  (text) => {
    for (const key of ['request_id', 'details', 'trace']) {
      const report = classify(403, { error_message: 'BAD_ARGUMENTS: x', [key]: text });
      expect(report).toMatchObject({ kind: 'VENDOR_ERROR', credible: false });
      expect(fate(report)).toBe('UNCERTAIN');
    }
    expect(classify(403, { error_message: 'BAD_ARGUMENTS: result' })).not.toHaveProperty('credible');
  },
);
