import { describe, expect, test } from 'vitest';
import { QUIRKS } from '../../../src/faceid/parse/quirks.ts';
import { MAX_COMPARISONS } from '../../../src/faceid/parse/comparisons.ts';
import { answer, evidenceOf, THRESHOLDS } from '../support/answers.ts';

type Row = { row: string; body: object | string; expected: object; quirks?: string[]; bizNo?: string };

function comparison(parts: object): object {
  return answer({ verify_result: { result_ref1: { confidence: 80, thresholds: THRESHOLDS, ...parts } } });
}

const liveness = (result: unknown): object => answer({ liveness_result: { result } });
const verify = (parts: object): object => answer({ verify_result: parts });
const isResult = (result: string): object => ({ liveness: { result } });
const one = (parts: object): object => ({ comparisons: [{ name: 'result_ref1', ...parts }] });

const STATUS_ROWS: Row[] = [
  { row: 'row 2: Failed', body: { status: 'Failed' }, expected: { status: 'FAILED' }, quirks: ['STATUS_CASE_FOLDED'] },
  { row: 'row 2: white space', body: { status: ' ok\n' }, expected: { status: 'OK' }, quirks: ['STATUS_CASE_FOLDED'] },
  { row: 'row 2: sibling CANCELLED', body: { status: 'CANCELLED' }, expected: { status: 'CANCELLED' }, quirks: [] },
  { row: 'row 2: sibling TIMEOUT', body: { status: 'TIMEOUT' }, expected: { status: 'TIMEOUT' }, quirks: [] },
  {
    row: 'row 2: sibling WEBRTC_UNSUPPORTED with its reason',
    body: { status: 'WEBRTC_UNSUPPORTED', fail_reason: 'PERMISSIONS_ERROR' },
    expected: { status: 'WEBRTC_UNSUPPORTED', failReason: 'PERMISSIONS_ERROR' },
    quirks: [],
  },
  {
    row: 'row 2: an unknown reason',
    body: { status: 'WEBRTC_UNSUPPORTED', fail_reason: 'free text' },
    expected: { failReason: 'UNKNOWN' },
    quirks: ['FAIL_REASON_UNKNOWN'],
  },
  {
    row: 'row 2: an unknown word',
    body: { status: 'ARCHIVED' },
    expected: { status: 'UNKNOWN', rawStatus: 'ARCHIVED' },
    quirks: ['STATUS_UNKNOWN'],
  },
  { row: 'row 2: our own UNKNOWN is no vendor status', body: { status: 'UNKNOWN' }, expected: { status: 'UNKNOWN' }, quirks: ['STATUS_UNKNOWN'] },
  { row: 'row 2: no status', body: {}, expected: { status: 'UNKNOWN' }, quirks: ['STATUS_MISSING'] },
  { row: 'row 2: a number', body: { status: 0 }, expected: { status: 'UNKNOWN' }, quirks: ['STATUS_MISSING'] },
];

const LIVENESS_ROWS: Row[] = [
  { row: 'row 3: PASS', body: liveness('PASS'), expected: isResult('PASS'), quirks: [] },
  { row: 'row 3: pass', body: liveness(' pass'), expected: isResult('PASS'), quirks: ['LIVENESS_RESULT_CASE_FOLDED'] },
  { row: 'row 3: FAIL', body: liveness('FAIL'), expected: isResult('FAIL'), quirks: [] },
  { row: 'row 3: a number', body: liveness(0.5), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_NUMERIC'] },
  { row: 'row 3: the number 1', body: liveness(1), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_NUMERIC'] },
  { row: 'row 3: true', body: liveness(true), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_UNKNOWN'] },
  { row: 'row 3: a list', body: liveness(['PASS']), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_UNKNOWN'] },
  { row: 'row 3: TIMEOUT', body: liveness('TIMEOUT'), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_UNKNOWN'] },
  { row: 'row 3: a look-alike', body: liveness('pa\u017f\u017f'), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_UNKNOWN'] },
  { row: 'row 3: null', body: liveness(null), expected: isResult('ABSENT'), quirks: [] },
  {
    row: 'row 4: counts, also as text, also of unknown kinds',
    body: answer({ liveness_result: { result: 'PASS', details: { SIDE_FACE: 2, LOW_BRIGHTNESS: '3', NEW_ISSUE: 1, AWAY: null } } }),
    expected: { liveness: { issueCounts: { SIDE_FACE: 2, LOW_BRIGHTNESS: 3, NEW_ISSUE: 1 } } },
    quirks: ['NUMERIC_TEXT'],
  },
  {
    row: 'row 4: what is no count is dropped',
    body: answer({ liveness_result: { result: 'PASS', details: { SIDE_FACE: -1, UPDOWN_FACE: 0.5, 'Jo Bloggs': 1, OK_ONE: 1 } } }),
    expected: { liveness: { result: 'PASS', issueCounts: { OK_ONE: 1 } } },
    quirks: ['DETAIL_COUNT_DROPPED'],
  },
  {
    row: 'row 4: details that are a number',
    body: answer({ liveness_result: { result: 'PASS', details: 0.5 } }),
    expected: isResult('PASS'),
    quirks: ['DETAILS_DROPPED'],
  },
  {
    row: 'row 4: details never decide',
    body: answer({ liveness_result: { result: 'PASS', details: { FACE_NOT_FOUND: 999 } } }),
    expected: isResult('PASS'),
    quirks: [],
  },
  {
    row: 'row 5: nested scores',
    body: answer({ liveness_result: { result: 'PASS', score: { flash_attack: 0.1, living_attack: 0.2 } } }),
    expected: { liveness: { scores: { flashAttack: 0.1, livingAttack: 0.2 } } },
    quirks: [],
  },
  {
    row: 'row 5: flat scores',
    body: answer({ liveness_result: { result: 'PASS', score: 0.3, flash_attack: 0.1, living_attack: 0.2 } }),
    expected: { liveness: { scores: { flashAttack: 0.1, livingAttack: 0.2 } } },
    quirks: ['SCORES_FLAT'],
  },
  {
    row: 'row 5: both, and different',
    body: answer({ liveness_result: { result: 'PASS', score: { flash_attack: 0.1 }, flash_attack: 0.9 } }),
    expected: { liveness: { scores: { flashAttack: 0.1 } } },
    quirks: ['SCORES_FLAT', 'SCORES_DISAGREE'],
  },
  {
    row: 'row 6: a score that is no number',
    body: answer({ liveness_result: { result: 'PASS', score: { flash_attack: 'high', living_attack: 7.5 } } }),
    expected: { liveness: { result: 'PASS', scores: { livingAttack: 7.5 } } },
    quirks: ['SCORE_UNREADABLE'],
  },
  {
    row: 'row 7: null scores are not measured, not 0',
    body: answer({ liveness_result: { result: 'PASS', score: { flash_attack: null, living_attack: null } } }),
    expected: isResult('PASS'),
    quirks: [],
  },
];

const NO_DATA: [string, unknown][] = [
  ['absent', undefined],
  ['null', null],
  ['an empty object', {}],
  ['an empty list', []],
  ['all null', { result: null, error_message: null, score: { flash_attack: null }, result_ref1: { confidence: null } }],
];
const NO_DATA_ROWS: Row[] = NO_DATA.map(([name, value]) => ({
  row: `rows 8 and 24: ${name} is no data`,
  body: answer({ liveness_result: value, verify_result: value }),
  expected: { liveness: { result: 'ABSENT' }, verifyPresent: false, comparisons: [] },
  quirks: [],
}));
NO_DATA_ROWS.push({
  row: 'row 8: text instead of objects',
  body: answer({ liveness_result: 'PASS', verify_result: 'PASS' }),
  expected: { liveness: { result: 'INDETERMINATE' }, verifyPresent: false, comparisons: [] },
  quirks: ['LIVENESS_NOT_OBJECT', 'VERIFY_NOT_OBJECT'],
});

const DUPLICATE_ROWS: Row[] = [
  ['status', '{"status":"FAILED","status":"OK"}', 'status'],
  ['liveness result', '{"liveness_result":{"result":"FAIL","result":"PASS"}}', 'liveness_result.result'],
  ['liveness object', '{"liveness_result":{"result":"FAIL"},"liveness_result":{"result":"PASS"}}', 'liveness_result'],
  ['confidence', '{"verify_result":{"result_ref1":{"confidence":1,"confidence":99}}}', 'verify_result.result_ref1.confidence'],
  [
    'threshold',
    '{"verify_result":{"result_ref1":{"confidence":70,"thresholds":{"1e-4":80,"1e-4":10}}}}',
    'verify_result.result_ref1.thresholds.1e-4',
  ],
  ['thresholds', '{"verify_result":{"result_ref1":{"thresholds":{"1e-4":80},"thresholds":{}}}}', 'verify_result.result_ref1.thresholds'],
  ['comparison', '{"verify_result":{"result_ref1":{"confidence":1},"result_ref1":{"confidence":99}}}', 'verify_result.result_ref1'],
  ['verify error', '{"verify_result":{"error_message":"NO_FACE_FOUND","error_message":null}}', 'verify_result.error_message'],
  ['verify object', '{"verify_result":{"error_message":"X"},"verify_result":{}}', 'verify_result'],
  ['error at the top', '{"error_message":"DATA_DESTROYED","error_message":null}', 'error_message'],
  ['multi-face tag', '{"multifaces_tag":"1","multifaces_tag":"0"}', 'multifaces_tag'],
].map(([name, body = '', contradiction]) => ({
  row: `row 10: contradicting ${name}`,
  body,
  expected: { contradictions: [contradiction] },
}));
DUPLICATE_ROWS.push(
  { row: 'row 10: the same value twice', body: '{"status":"OK","status":"OK"}', expected: { status: 'OK', contradictions: [] }, quirks: ['DUPLICATE_KEYS'] },
  { row: 'row 10: a repeated field that decides nothing', body: '{"status":"OK","time_used":1,"time_used":2}', expected: { timeUsedMs: 2, contradictions: [] }, quirks: ['DUPLICATE_KEYS'] },
  {
    row: 'row 10: request_id twice',
    body: '{"status":"OK","request_id":"1,a","request_id":"2,b"}',
    expected: { vendorRequestIds: ['1,a', '2,b'], contradictions: [] },
    quirks: ['DUPLICATE_KEYS', 'REQUEST_ID_REPEATED'],
  },
  {
    row: 'row 10: biz_no twice, the expected one last',
    body: '{"status":"OK","biz_no":"other","biz_no":"b"}',
    bizNo: 'b',
    expected: { bizNo: 'DIFFERS', contradictions: [] },
    quirks: ['DUPLICATE_KEYS', 'BIZ_NO_REPEATED'],
  },
);

const BIZ_NO_ROWS: Row[] = [
  { row: 'row 11: at the top', body: answer({ biz_no: 'b' }), bizNo: 'b', expected: { bizNo: 'MATCHES' }, quirks: [] },
  { row: 'row 11: in biz_info', body: answer({ biz_info: { biz_no: 'b' } }), bizNo: 'b', expected: { bizNo: 'MATCHES' }, quirks: ['BIZ_NO_NESTED'] },
  { row: 'row 11: in verify_result, and no comparison data', body: verify({ biz_no: 'b' }), bizNo: 'b', expected: { bizNo: 'MATCHES', verifyPresent: false }, quirks: ['BIZ_NO_NESTED'] },
  {
    row: 'row 11: one place of two differs',
    body: answer({ biz_no: 'b', biz_info: { biz_no: 'c' } }),
    bizNo: 'b',
    expected: { bizNo: 'DIFFERS' },
    quirks: ['BIZ_NO_NESTED'],
  },
  { row: 'row 11: a number', body: answer({ biz_no: 17 }), bizNo: '17', expected: { bizNo: 'MATCHES' }, quirks: ['BIZ_NO_NOT_TEXT'] },
  { row: 'row 11: an object', body: answer({ biz_no: {} }), bizNo: 'b', expected: { bizNo: 'DIFFERS' }, quirks: ['BIZ_NO_NOT_TEXT'] },
  { row: 'row 11: other case', body: answer({ biz_no: 'B' }), bizNo: 'b', expected: { bizNo: 'DIFFERS' }, quirks: [] },
  { row: 'row 12: absent', body: answer(), bizNo: 'b', expected: { bizNo: 'ABSENT' }, quirks: [] },
  { row: 'row 12: null', body: answer({ biz_no: null }), bizNo: 'b', expected: { bizNo: 'ABSENT' }, quirks: [] },
  { row: 'row 12: not expected', body: answer({ biz_no: 'c' }), expected: { bizNo: 'NOT_EXPECTED' }, quirks: [] },
];

const COMPARISON_ROWS: Row[] = [
  {
    row: 'row 13: result_ref with digits and three named ones, no others',
    body: verify({ result_faceid: {}, result_ref12: {}, result_ref: { confidence: 99 }, result_refx: {}, result_idcard_photo: {}, result_idcard_datasource: {}, other: 1 }),
    expected: { comparisons: ['faceid', 'ref12', 'idcard_photo', 'idcard_datasource'].map((name) => ({ name: `result_${name}`, thresholds: {} })) },
    quirks: ['COMPARISON_NAME_UNKNOWN'],
  },
  {
    row: 'row 14: prototype keys are denied',
    body: '{"status":"OK","__proto__":{"liveness_result":{"result":"PASS"}},"verify_result":{"__proto__":{"result_ref1":{"confidence":99}},"constructor":{"result_ref2":{}},"x":1}}',
    expected: { liveness: { result: 'ABSENT' }, comparisons: [] },
    quirks: [],
  },
  { row: 'row 15: a missing level', body: comparison({ thresholds: { '1e-3': 64 } }), expected: one({ confidence: 80, thresholds: { '1e-3': 64 } }), quirks: [] },
  { row: 'row 15: no thresholds', body: comparison({ thresholds: null }), expected: one({ confidence: 80, thresholds: {} }), quirks: [] },
  { row: 'row 15: a threshold beyond 100', body: comparison({ thresholds: { '1e-4': 101, '1e-5': -1 } }), expected: one({ confidence: 80, thresholds: {} }), quirks: ['THRESHOLDS_UNREADABLE'] },
  { row: 'row 15: a threshold as text', body: comparison({ thresholds: { '1e-4': '69.3' } }), expected: one({ confidence: 80, thresholds: { '1e-4': 69.3 } }), quirks: ['NUMERIC_TEXT'] },
  { row: 'row 15: another spelling of a level is not guessed', body: comparison({ thresholds: { '1E-4': 1, '0.0001': 1 } }), expected: one({ confidence: 80, thresholds: {} }), quirks: [] },
  {
    row: 'row 15: thresholds that fall',
    body: comparison({ thresholds: { '1e-3': 64, '1e-4': 69, '1e-5': 60 } }),
    expected: { contradictions: ['verify_result.result_ref1.thresholds'] },
    quirks: ['THRESHOLDS_NOT_MONOTONE'],
  },
  { row: 'row 16: a tie keeps both numbers', body: comparison({ confidence: 69 }), expected: one({ confidence: 69, thresholds: THRESHOLDS }), quirks: [] },
  { row: 'row 18: confidence as text', body: comparison({ confidence: '68.918' }), expected: one({ confidence: 68.918, thresholds: THRESHOLDS }), quirks: ['NUMERIC_TEXT'] },
  { row: 'row 18: confidence null', body: comparison({ confidence: null }), expected: one({ thresholds: THRESHOLDS }), quirks: [] },
  { row: 'row 18: confidence beyond 100', body: comparison({ confidence: 100.5 }), expected: one({ thresholds: THRESHOLDS }), quirks: ['CONFIDENCE_UNREADABLE'] },
  { row: 'row 18: confidence below 0', body: comparison({ confidence: -1 }), expected: one({ thresholds: THRESHOLDS }), quirks: ['CONFIDENCE_UNREADABLE'] },
  { row: 'row 18: confidence true', body: comparison({ confidence: true }), expected: one({ thresholds: THRESHOLDS }), quirks: ['CONFIDENCE_UNREADABLE'] },
  { row: 'row 18: confidence beyond every number', body: '{"status":"OK","verify_result":{"result_ref1":{"confidence":1e999}}}', expected: one({ thresholds: {} }), quirks: ['CONFIDENCE_UNREADABLE'] },
  { row: 'row 18: confidence as odd text', body: comparison({ confidence: '0x50' }), expected: one({ thresholds: THRESHOLDS }), quirks: ['CONFIDENCE_UNREADABLE'] },
  { row: 'row 18: a comparison of null stays a comparison without confidence', body: verify({ result_ref1: null, result_ref2: 'x', x: 1 }), expected: { comparisons: [{ name: 'result_ref1', thresholds: {} }, { name: 'result_ref2', thresholds: {} }] }, quirks: ['COMPARISON_NOT_OBJECT'] },
];

const withError = (error_message: unknown): object => verify({ error_message, result_ref1: { confidence: 80, thresholds: THRESHOLDS } });
const VERIFY_ERROR_ROWS: Row[] = [
  ...[null, undefined].map((value) => ({ row: `row 19: ${value} is no error`, body: withError(value), expected: { verifyError: undefined }, quirks: [] })),
  ...['null', '', ' NULL '].map((value) => ({ row: `row 19: the text "${value}" is no error`, body: withError(value), expected: { verifyError: undefined }, quirks: ['VERIFY_ERROR_NULL_TEXT'] })),
  ...['NO_FACE_FOUND', 'NO_FACE_FOUND:image_ref1', 'NO_FACE_FOUND: image_ref1', 'NO_FACE_FOUND: : No face', ' NO_FACE_FOUND : x\ny'].map((value) => ({
    row: `rows 20 and 21: "${value}"`,
    body: withError(value),
    expected: { verifyError: 'NO_FACE_FOUND' },
    quirks: [],
  })),
  { row: 'row 20: IMAGE_ERROR_UNSUPPORTED_FORMAT: data_source', body: withError('IMAGE_ERROR_UNSUPPORTED_FORMAT: data_source'), expected: { verifyError: 'IMAGE_ERROR_UNSUPPORTED_FORMAT' }, quirks: [] },
  { row: 'row 20: DATA_SOURCE_ERROR', body: withError('DATA_SOURCE_ERROR'), expected: { verifyError: 'DATA_SOURCE_ERROR' }, quirks: [] },
  { row: 'row 20: free text', body: withError('the bank says no'), expected: { verifyError: 'UNKNOWN' }, quirks: ['VERIFY_ERROR_UNKNOWN'] },
  { row: 'row 20: an unknown code', body: withError('NEW_ERROR: x'), expected: { verifyError: 'UNKNOWN' }, quirks: ['VERIFY_ERROR_UNKNOWN'] },
  { row: 'row 20: an object', body: withError({ code: 1 }), expected: { verifyError: 'UNKNOWN' }, quirks: ['VERIFY_ERROR_UNKNOWN'] },
  { row: 'row 22: INTERNAL_ERROR in the body', body: withError('INTERNAL_ERROR'), expected: { verifyError: 'INTERNAL_ERROR' }, quirks: [] },
];

const OTHER_ROWS: Row[] = [
  { row: 'row 23: FAILED keeps its liveness result', body: answer({ status: 'FAILED', liveness_result: { result: 'FAIL' } }), expected: { status: 'FAILED', liveness: { result: 'FAIL' } }, quirks: [] },
  { row: 'row 25: FAIL beside a high match', body: liveness('FAIL'), expected: { liveness: { result: 'FAIL' }, comparisons: [{ confidence: 80 }] }, quirks: [] },
  ...[0, '0', false].map((tag) => ({ row: `row 29: ${JSON.stringify(tag)} is one face`, body: answer({ multifaces_tag: tag }), expected: { multipleFaces: false, contradictions: [] }, quirks: [] })),
  ...[1, '1', true].map((tag) => ({ row: `row 29: ${JSON.stringify(tag)} is several`, body: answer({ multifaces_tag: tag }), expected: { multipleFaces: true, contradictions: [] }, quirks: [] })),
  ...[undefined, null, ''].map((tag) => ({ row: `row 29: ${JSON.stringify(tag)} is absent`, body: answer({ multifaces_tag: tag }), expected: { multipleFaces: undefined, contradictions: [] }, quirks: [] })),
  { row: 'row 29: any other tag is not understood', body: answer({ multifaces_tag: '2' }), expected: { multipleFaces: undefined, contradictions: ['multifaces_tag'] }, quirks: ['MULTIFACES_TAG_UNKNOWN'] },
  { row: 'row 31: FACE_OUT_OF_CAMERA keeps its own name', body: answer({ liveness_result: { result: 'PASS', details: { FACE_OUT_OF_CAMERA: 1, SIDE_FACE: 2 } } }), expected: { liveness: { issueCounts: { FACE_OUT_OF_CAMERA: 1, SIDE_FACE: 2 } } }, quirks: [] },
  { row: 'row 32: the comma stays', body: answer({ request_id: '1462259763,e2d2f8d6-204b' }), expected: { vendorRequestIds: ['1462259763,e2d2f8d6-204b'] }, quirks: [] },
  { row: 'row 32: a request id of another pattern', body: answer({ request_id: 'a b' }), expected: { vendorRequestIds: [] }, quirks: ['REQUEST_ID_DROPPED'] },
  { row: 'row 33: time_used as text', body: answer({ time_used: '12' }), expected: { timeUsedMs: 12 }, quirks: ['NUMERIC_TEXT'] },
  { row: 'row 33: time_used absent', body: answer(), expected: { timeUsedMs: undefined }, quirks: [] },
  { row: 'row 33: time_used of no sense', body: answer({ time_used: -3 }), expected: { timeUsedMs: undefined }, quirks: ['TIME_USED_DROPPED'] },
  { row: 'row 38: a success text is no error', body: answer({ message: 'success' }), expected: { status: 'OK' }, quirks: ['MESSAGE_IGNORED'] },
  { row: 'a byte order mark', body: `\ufeff${JSON.stringify(answer())}`, expected: { status: 'OK' }, quirks: ['BOM_STRIPPED'] },
];

const TABLES = { STATUS_ROWS, LIVENESS_ROWS, NO_DATA_ROWS, DUPLICATE_ROWS, BIZ_NO_ROWS, COMPARISON_ROWS, VERIFY_ERROR_ROWS, OTHER_ROWS };

describe.each(Object.entries(TABLES))('%s', (_name, rows) => {
  test.each(rows)('$row', ({ body, expected, quirks, bizNo }) => {
    const evidence = evidenceOf(body, bizNo);
    // `undefined` in a row demands that the optional field is absent.
    expect({ verifyError: undefined, multipleFaces: undefined, timeUsedMs: undefined, ...evidence }).toMatchObject(expected);
    if (quirks !== undefined) expect([...evidence.quirks].toSorted()).toEqual(quirks.toSorted());
  });
});

const IMAGES: [string, object][] = [
  ['row 26: an empty data URI', { image_best: 'data:image/jpeg;base64,' }],
  ['row 26: a data URI with a stray space', { image_best: 'data: image/jpeg;base64,/9j/4AAQ' }],
  ['row 26: no base64', { image_best: '???' }],
  ['row 27: images with any status', { image_best: '/9j/4AAQ', image_best_2: '/9j/4AAQ' }],
  ['row 28: image_best_2 null', { image_best: '/9j/4AAQ', image_best_2: null }],
  ['row 30: an empty multi-face image', { multifaces_image: '' }],
  ['row 43: unknown fields', { extra: { deep: [1] }, name: 'Jo Bloggs', images: { image_best: 'x' } }],
];

test.each(IMAGES)('%s: changes nothing', (_row, parts) => {
  expect(evidenceOf(answer(parts))).toEqual(evidenceOf(answer()));
});

test('row 14: more comparisons than the cap cannot pass unseen', () => {
  const many = Object.fromEntries(Array.from({ length: MAX_COMPARISONS + 1 }, (_, n) => [`result_ref${n}`, { confidence: 99, thresholds: THRESHOLDS }]));
  const evidence = evidenceOf(verify(many));
  expect(evidence.comparisons).toHaveLength(MAX_COMPARISONS);
  expect(evidence.contradictions).toEqual(['verify_result']);
  expect(evidence.quirks).toEqual(['COMPARISONS_CAPPED']);
});

test('every tolerance is listed once, and each is used by a test above', () => {
  const listed = QUIRKS.map(([code]) => code);
  expect(new Set(listed).size).toBe(listed.length);
  const used = new Set(Object.values(TABLES).flatMap((rows) => rows.flatMap(({ quirks }) => quirks ?? [])));
  expect(listed.filter((code) => !used.has(code))).toEqual(['COMPARISONS_CAPPED']);
});
