import { expect, test } from 'vitest';
import { VENDOR_ERRORS } from '../../src/domain/reading/report.ts';
import { answer, classify, fixture } from './support/answers.ts';

const DOCUMENTED: [number, string, string][] = [
  [400, 'RESULT_NOT_FOUND', 'RESULT_NOT_FOUND'],
  [403, 'AUTHENTICATION_ERROR', 'AUTHENTICATION_ERROR'],
  [403, 'AUTHORIZATION_ERROR:Denied (no API permission)', 'AUTHORIZATION_ERROR'],
  [403, 'CONCURRENCY_LIMIT_EXCEEDED', 'CONCURRENCY_LIMIT_EXCEEDED'],
  [400, 'MISSING_ARGUMENTS:token', 'MISSING_ARGUMENTS'],
  [403, 'DATA_DESTROYED', 'DATA_DESTROYED'],
  [400, 'BAD_ARGUMENTS:return_image', 'BAD_ARGUMENTS'],
  [404, 'API_NOT_FOUND', 'API_NOT_FOUND'],
  [500, 'INTERNAL_ERROR', 'INTERNAL_ERROR'],
  [400, 'INVALID_TOKEN', 'INVALID_TOKEN'],
  [400, 'DATA_SOURCE_ERROR', 'DATA_SOURCE_ERROR'],
  [400, 'NO_FACE_FOUND:image_ref1', 'NO_FACE_FOUND'],
  [400, 'MULTIPLE_FACES:image_ref1', 'MULTIPLE_FACES'],
  [400, 'IMAGE_ERROR_UNSUPPORTED_FORMAT: image_ref1', 'IMAGE_ERROR_UNSUPPORTED_FORMAT'],
  [400, 'NO_SUCH_ID_NUMBER', 'NO_SUCH_ID_NUMBER'],
  [400, 'ID_NUMBER_NAME_NOT_MATCH', 'ID_NUMBER_NAME_NOT_MATCH'],
];

test.each(DOCUMENTED)('rows 20, 22, 34, 35, 36: %i %s', (httpStatus, text, error) => {
  expect(classify(httpStatus, { error_message: text, request_id: '1,a', time_used: 1 })).toMatchObject({
    kind: 'VENDOR_ERROR',
    error,
    httpStatus,
    vendorRequestIds: ['1,a'],
  });
});

test('every documented error is covered above', () => {
  expect(new Set(DOCUMENTED.map(([, , error]) => error))).toEqual(new Set(VENDOR_ERRORS));
});

test.each(['error_message', 'error', 'ERROR', 'message'])('row 37: the code under %s', (key) => {
  expect(classify(403, { [key]: 'AUTHENTICATION_ERROR' })).toMatchObject({ kind: 'VENDOR_ERROR', error: 'AUTHENTICATION_ERROR' });
  expect(classify(403, { error_message: null, [key]: 'DATA_DESTROYED' })).toMatchObject({ error: 'DATA_DESTROYED' });
});

test.each([
  ['plain text', 403, 'DATA_DESTROYED'],
  ['a nested code', 403, '{"error":{"code":"DATA_DESTROYED"}}'],
  ['HTML', 403, '<p>DATA_DESTROYED</p>'],
  ['broken JSON', 403, '{"code":"DATA_DESTROYED"'],
  ['a 5xx', 500, '{"msg":"DATA_DESTROYED: x"}'],
])('row 37: DATA_DESTROYED anywhere in an error body: %s', (_name, httpStatus, body) => {
  expect(classify(httpStatus, body)).toMatchObject({ kind: 'VENDOR_ERROR', error: 'DATA_DESTROYED', httpStatus });
});

test.each([
  ['a page of a gateway', 502, '<p>DATA_DESTROYED</p>', 'HTTP_5XX'],
  ['text by a 5xx', 500, 'DATA_DESTROYED', 'HTTP_5XX'],
  ['broken JSON by a 5xx', 503, '{"error":"DATA_DESTROYED"', 'HTTP_5XX'],
  ['a redirect', 302, '{"error":"DATA_DESTROYED"}', 'UNREADABLE_ERROR'],
  ['a redirect to a page', 301, '<p>DATA_DESTROYED</p>', 'UNREADABLE_ERROR'],
])('row 37: DATA_DESTROYED is not believed in %s', (_name, httpStatus, body, cause) => {
  expect(classify(httpStatus, body)).toMatchObject({ kind: 'UNCERTAIN', cause, httpStatus });
});

test.each([
  [403, { message: 'Forbidden' }, 'HTTP_4XX_UNKNOWN'],
  [400, { error_message: 'NEW_CODE' }, 'HTTP_4XX_UNKNOWN'],
  [400, {}, 'HTTP_4XX_UNKNOWN'],
  [404, '<html>not found</html>', 'UNREADABLE_ERROR'],
  [403, '', 'UNREADABLE_ERROR'],
  [408, '', 'TIMEOUT'],
  [429, { message: 'slow down' }, 'THROTTLED'],
  [500, '', 'HTTP_5XX'],
  [502, '<html>Bad Gateway</html>', 'HTTP_5XX'],
  [503, { error_message: 'NEW_CODE' }, 'HTTP_5XX'],
  [301, '', 'UNREADABLE_ERROR'],
  [304, {}, 'UNREADABLE_ERROR'],
  [403, { error_message: 'XDATA_DESTROYED_X' }, 'HTTP_4XX_UNKNOWN'],
])('row 38: %i %j leaves the read uncertain', (httpStatus, body, cause) => {
  expect(classify(httpStatus, body)).toMatchObject({ kind: 'UNCERTAIN', cause, httpStatus });
});

test.each(['AUTHENTICATION_ERROR', 'CONCURRENCY_LIMIT_EXCEEDED', 'BAD_ARGUMENTS:x', 'RESULT_NOT_FOUND'])(
  'a 5xx or a redirect saying %s gives no slot back',
  (code) => {
    expect(classify(503, { error_message: code })).toMatchObject({ kind: 'UNCERTAIN', cause: 'HTTP_5XX' });
    expect(classify(302, { error_message: code })).toMatchObject({ kind: 'UNCERTAIN', cause: 'UNREADABLE_ERROR' });
  },
);

test('two error keys with different codes are not understood', () => {
  const body = { error_message: 'CONCURRENCY_LIMIT_EXCEEDED', error: 'INTERNAL_ERROR' };
  expect(classify(403, body)).toMatchObject({ kind: 'UNCERTAIN', cause: 'HTTP_4XX_UNKNOWN' });
});

test('a repeated error key with different codes gives no slot back', () => {
  const body = '{"error_message":"INTERNAL_ERROR","error_message":"CONCURRENCY_LIMIT_EXCEEDED"}';
  expect(classify(403, body)).toMatchObject({ kind: 'UNCERTAIN', cause: 'HTTP_4XX_UNKNOWN' });
});

test('row 38: a 2xx with a known error and no final status is that error, and no credible refusal', () => {
  for (const key of ['error_message', 'error', 'ERROR', 'message', 'code', 'msg', 'error_code']) {
    const report = { kind: 'VENDOR_ERROR', error: 'DATA_DESTROYED', httpStatus: 200 };
    expect(classify(200, { [key]: 'DATA_DESTROYED: x' })).toMatchObject(report);
    expect(classify(200, { status: 'PROCESSING', [key]: 'DATA_DESTROYED: x' })).toMatchObject({ ...report, credible: false });
  }
});

test.each([{ error_message: 'NEW_CODE' }, { error: true }, { ERROR: { code: 1 } }])(
  'row 38: a 2xx with an unknown error %j and no final status is no answer',
  (parts) => {
    const uncertain = { kind: 'UNCERTAIN', cause: 'UNREADABLE_ERROR', httpStatus: 200 };
    expect(classify(200, parts)).toMatchObject(uncertain);
    expect(classify(200, { status: 'PROCESSING', ...parts })).toMatchObject(uncertain);
  },
);

test.each([null, '', 'null'])('row 19: error_message %j at the top is no error', (value) => {
  expect(classify(200, answer({ error_message: value }))).toMatchObject({ kind: 'ANSWER' });
});

test('a message without a status is no answer', () => {
  expect(classify(200, { message: 'internal problem' })).toMatchObject({ kind: 'UNCERTAIN', cause: 'UNREADABLE_ERROR' });
});

test.each([
  ['nothing', ''],
  ['HTML', '<html></html>'],
  ['text', '"OK"'],
  ['null', 'null'],
  ['a list', '[{"status":"OK"}]'],
  ['a number', '1'],
  ['single quotes', "{'status':'OK'}"],
  ['a trailing comma', '{"status":"OK",}'],
  ['two documents', '{"status":"OK"}{"status":"OK"}'],
  ['NaN', '{"status":"OK","x":NaN}'],
  ['half', fixture('passed.json').slice(0, 200)],
  ['nesting beyond the limit', `{"status":"OK","x":${'['.repeat(40)}${']'.repeat(40)}}`],
  ['nesting without bound', `{"x":${'['.repeat(3_000_000)}${']'.repeat(3_000_000)}}`],
])('row 9: a 2xx that holds %s is MALFORMED', (_name, body) => {
  expect(classify(200, body)).toMatchObject({ kind: 'MALFORMED', httpStatus: 200, bodyBytes: Buffer.byteLength(body) });
});

test('a long error text is matched in linear time', () => {
  const startedMs = performance.now();
  for (const text of [' '.repeat(1_000_000), 'A'.repeat(1_000_000), `A${' '.repeat(1_000_000)}:`]) {
    classify(400, { error_message: text });
  }
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
