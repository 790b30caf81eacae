import { answer } from '../../support/answers.ts';
import type { Row } from './row.ts';

const liveness = (result: unknown): object => answer({ liveness_result: { result } });
const isResult = (result: string): object => ({ liveness: { result } });

export const STATUS_ROWS: Row[] = [
  { row: 'row 2: Failed', body: { status: 'Failed' }, expected: { status: 'FAILED' }, quirks: ['STATUS_CASE_FOLDED'] },
  { row: 'row 2: white space', body: { status: ' ok\n' }, expected: { status: 'OK' }, quirks: ['STATUS_CASE_FOLDED'] },
  { row: 'row 2: other white space', body: { status: '\u00A0OK\u3000' }, expected: { status: 'OK' }, quirks: ['STATUS_CASE_FOLDED'] },
  { row: 'row 2: a character without width', body: { status: 'OK\u200B' }, expected: { status: 'UNKNOWN' }, quirks: ['STATUS_UNKNOWN'] },
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
  {
    row: 'row 2: our own UNKNOWN is no vendor status',
    body: { status: 'UNKNOWN' },
    expected: { status: 'UNKNOWN' },
    quirks: ['STATUS_UNKNOWN'],
  },
  { row: 'row 2: no status', body: {}, expected: { status: 'UNKNOWN' }, quirks: ['STATUS_MISSING'] },
  { row: 'row 2: a number', body: { status: 0 }, expected: { status: 'UNKNOWN' }, quirks: ['STATUS_MISSING'] },
];

export const LIVENESS_ROWS: Row[] = [
  { row: 'row 3: PASS', body: liveness('PASS'), expected: isResult('PASS'), quirks: [] },
  { row: 'row 3: pass', body: liveness(' pass'), expected: isResult('PASS'), quirks: ['LIVENESS_RESULT_CASE_FOLDED'] },
  {
    row: 'row 3: a no-break space',
    body: liveness('PASS\u00A0'),
    expected: isResult('PASS'),
    quirks: ['LIVENESS_RESULT_CASE_FOLDED'],
  },
  ...['PASS\u200B', '\u2060PASS', 'PA\u00ADSS', 'PA SS', '\uFF30\uFF21\uFF33\uFF33', '"PASS"', 'PASS.'].map((text): Row => ({
    row: `row 3: ${JSON.stringify(text)} is not that word`,
    body: liveness(text),
    expected: isResult('INDETERMINATE'),
    quirks: ['LIVENESS_RESULT_UNKNOWN'],
  })),
  { row: 'row 3: FAIL', body: liveness('FAIL'), expected: isResult('FAIL'), quirks: [] },
  { row: 'row 3: a number', body: liveness(0.5), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_NUMERIC'] },
  { row: 'row 3: the number 1', body: liveness(1), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_NUMERIC'] },
  { row: 'row 3: true', body: liveness(true), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_UNKNOWN'] },
  { row: 'row 3: a list', body: liveness(['PASS']), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_UNKNOWN'] },
  { row: 'row 3: TIMEOUT', body: liveness('TIMEOUT'), expected: isResult('INDETERMINATE'), quirks: ['LIVENESS_RESULT_UNKNOWN'] },
  {
    row: 'row 3: a look-alike',
    body: liveness('pa\u017f\u017f'),
    expected: isResult('INDETERMINATE'),
    quirks: ['LIVENESS_RESULT_UNKNOWN'],
  },
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
export const NO_DATA_ROWS: Row[] = NO_DATA.map(([name, value]) => ({
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
