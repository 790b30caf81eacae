import { answer, THRESHOLDS } from '../../support/answers.ts';
import type { Row } from './row.ts';

function comparison(parts: object): object {
  return answer({ verify_result: { result_ref1: { confidence: 80, thresholds: THRESHOLDS, ...parts } } });
}
const verify = (parts: object): object => answer({ verify_result: parts });
const one = (parts: object): object => ({ comparisons: [{ name: 'result_ref1', ...parts }] });

export const COMPARISON_ROWS: Row[] = [
  {
    row: 'row 13: result_ref with digits and three named ones, no others',
    body: verify({
      result_faceid: {},
      result_ref12: {},
      result_ref: { confidence: 99 },
      result_refx: {},
      result_idcard_photo: {},
      result_idcard_datasource: {},
      other: 1,
    }),
    expected: {
      comparisons: ['faceid', 'ref12', 'idcard_photo', 'idcard_datasource'].map((name) => ({ name: `result_${name}`, thresholds: {} })),
    },
    quirks: ['COMPARISON_NAME_UNKNOWN'],
  },
  {
    row: 'row 14: prototype keys are denied',
    body: '{"status":"OK","__proto__":{"liveness_result":{"result":"PASS"}},"verify_result":{"__proto__":{"result_ref1":{"confidence":99}},"constructor":{"result_ref2":{}},"x":1}}',
    expected: { liveness: { result: 'ABSENT' }, comparisons: [] },
    quirks: [],
  },
  {
    row: 'row 15: a missing level',
    body: comparison({ thresholds: { '1e-3': 64 } }),
    expected: one({ confidence: 80, thresholds: { '1e-3': 64 } }),
    quirks: [],
  },
  { row: 'row 15: no thresholds', body: comparison({ thresholds: null }), expected: one({ confidence: 80, thresholds: {} }), quirks: [] },
  {
    row: 'row 15: a threshold beyond 100',
    body: comparison({ thresholds: { '1e-4': 101, '1e-5': -1 } }),
    expected: { ...one({ confidence: 80, thresholds: {} }), implausible: ['result_ref1'] },
    quirks: ['THRESHOLDS_UNREADABLE'],
  },
  ...[{ '1e-2': 95 }, { '1e-7': 50 }, { '0.05': 64 }].map((level): Row => ({
    row: `row 15: an unknown level on the wrong side ${JSON.stringify(level)}`,
    body: comparison({ thresholds: { ...THRESHOLDS, ...level } }),
    expected: { implausible: ['result_ref1'] },
  })),
  {
    row: 'row 15: unknown levels that fit',
    body: comparison({ thresholds: { ...THRESHOLDS, '1e-2': 55, '1e-7': 84 } }),
    expected: { ...one({ confidence: 80, thresholds: THRESHOLDS }), implausible: undefined },
  },
  {
    row: 'row 15: a threshold as text',
    body: comparison({ thresholds: { '1e-4': '69.3' } }),
    expected: one({ confidence: 80, thresholds: { '1e-4': 69.3 } }),
    quirks: ['NUMERIC_TEXT'],
  },
  {
    row: 'row 15: another spelling of a level is not guessed',
    body: comparison({ thresholds: { '1E-4': 1, '0.0001': 1 } }),
    expected: one({ confidence: 80, thresholds: {} }),
    quirks: [],
  },
  {
    row: 'row 15: thresholds that fall',
    body: comparison({ thresholds: { '1e-3': 64, '1e-4': 69, '1e-5': 60 } }),
    expected: { unclear: [], comparisons: [{ thresholds: { '1e-3': 64, '1e-4': 69, '1e-5': 60 } }] },
    quirks: ['THRESHOLDS_NOT_RISING'],
  },
  {
    row: 'row 16: a tie keeps both numbers',
    body: comparison({ confidence: 69 }),
    expected: one({ confidence: 69, thresholds: THRESHOLDS }),
    quirks: [],
  },
  {
    row: 'row 18: confidence as text',
    body: comparison({ confidence: '68.918' }),
    expected: one({ confidence: 68.918, thresholds: THRESHOLDS }),
    quirks: ['NUMERIC_TEXT'],
  },
  { row: 'row 18: confidence null', body: comparison({ confidence: null }), expected: one({ thresholds: THRESHOLDS }), quirks: [] },
  {
    row: 'row 18: confidence beyond 100',
    body: comparison({ confidence: 100.5 }),
    expected: one({ thresholds: THRESHOLDS }),
    quirks: ['CONFIDENCE_UNREADABLE'],
  },
  {
    row: 'row 18: confidence below 0',
    body: comparison({ confidence: -1 }),
    expected: one({ thresholds: THRESHOLDS }),
    quirks: ['CONFIDENCE_UNREADABLE'],
  },
  {
    row: 'row 18: confidence true',
    body: comparison({ confidence: true }),
    expected: one({ thresholds: THRESHOLDS }),
    quirks: ['CONFIDENCE_UNREADABLE'],
  },
  {
    row: 'row 18: confidence beyond every number',
    body: '{"status":"OK","verify_result":{"result_ref1":{"confidence":1e999}}}',
    expected: one({ thresholds: {} }),
    quirks: ['CONFIDENCE_UNREADABLE'],
  },
  {
    row: 'row 18: confidence as odd text',
    body: comparison({ confidence: '0x50' }),
    expected: one({ thresholds: THRESHOLDS }),
    quirks: ['CONFIDENCE_UNREADABLE'],
  },
  {
    row: 'row 18: a comparison of null stays a comparison without confidence',
    body: verify({ result_ref1: null, result_ref2: 'x', x: 1 }),
    expected: {
      comparisons: [
        { name: 'result_ref1', thresholds: {} },
        { name: 'result_ref2', thresholds: {} },
      ],
    },
    quirks: ['COMPARISON_NOT_OBJECT'],
  },
];

const withError = (error_message: unknown): object => verify({ error_message, result_ref1: { confidence: 80, thresholds: THRESHOLDS } });
export const VERIFY_ERROR_ROWS: Row[] = [
  ...[null, undefined].map((value) => ({
    row: `row 19: ${value} is no error`,
    body: withError(value),
    expected: { verifyError: undefined },
    quirks: [],
  })),
  ...['null', '', ' NULL '].map((value) => ({
    row: `row 19: the text "${value}" is no error`,
    body: withError(value),
    expected: { verifyError: undefined },
    quirks: ['VERIFY_ERROR_NULL_TEXT'],
  })),
  ...['NO_FACE_FOUND', 'NO_FACE_FOUND:image_ref1', 'NO_FACE_FOUND: image_ref1', 'NO_FACE_FOUND: : No face', ' NO_FACE_FOUND : x\ny'].map(
    (value) => ({
      row: `rows 20 and 21: "${value}"`,
      body: withError(value),
      expected: { verifyError: 'NO_FACE_FOUND' },
      quirks: [],
    }),
  ),
  {
    row: 'row 20: IMAGE_ERROR_UNSUPPORTED_FORMAT: data_source',
    body: withError('IMAGE_ERROR_UNSUPPORTED_FORMAT: data_source'),
    expected: { verifyError: 'IMAGE_ERROR_UNSUPPORTED_FORMAT' },
    quirks: [],
  },
  { row: 'row 20: DATA_SOURCE_ERROR', body: withError('DATA_SOURCE_ERROR'), expected: { verifyError: 'DATA_SOURCE_ERROR' }, quirks: [] },
  { row: 'row 20: free text', body: withError('the bank says no'), expected: { verifyError: 'UNKNOWN' }, quirks: ['VERIFY_ERROR_UNKNOWN'] },
  {
    row: 'row 20: an unknown code',
    body: withError('NEW_ERROR: x'),
    expected: { verifyError: 'UNKNOWN' },
    quirks: ['VERIFY_ERROR_UNKNOWN'],
  },
  { row: 'row 20: an object', body: withError({ code: 1 }), expected: { verifyError: 'UNKNOWN' }, quirks: ['VERIFY_ERROR_UNKNOWN'] },
  { row: 'row 22: INTERNAL_ERROR in the body', body: withError('INTERNAL_ERROR'), expected: { verifyError: 'INTERNAL_ERROR' }, quirks: [] },
];
