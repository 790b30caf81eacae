import { answer } from '../../support/answers.ts';
import type { Row } from './row.ts';

const liveness = (result: unknown): object => answer({ liveness_result: { result } });

export const OTHER_ROWS: Row[] = [
  {
    row: 'row 23: FAILED keeps its liveness result',
    body: answer({ status: 'FAILED', liveness_result: { result: 'FAIL' } }),
    expected: { status: 'FAILED', liveness: { result: 'FAIL' } },
    quirks: [],
  },
  {
    row: 'row 25: FAIL beside a high match',
    body: liveness('FAIL'),
    expected: { liveness: { result: 'FAIL' }, comparisons: [{ confidence: 80 }] },
    quirks: [],
  },
  ...[0, '0', false].map((tag) => ({
    row: `row 29: ${JSON.stringify(tag)} is one face`,
    body: answer({ multifaces_tag: tag }),
    expected: { multipleFaces: false, unclear: [] },
    quirks: [],
  })),
  ...[1, '1', true].map((tag) => ({
    row: `row 29: ${JSON.stringify(tag)} is several`,
    body: answer({ multifaces_tag: tag }),
    expected: { multipleFaces: true, unclear: [] },
    quirks: [],
  })),
  ...[undefined, null, ''].map((tag) => ({
    row: `row 29: ${JSON.stringify(tag)} is absent`,
    body: answer({ multifaces_tag: tag }),
    expected: { multipleFaces: undefined, unclear: [] },
    quirks: [],
  })),
  {
    row: 'row 29: any other tag is not understood',
    body: answer({ multifaces_tag: '2' }),
    expected: { multipleFaces: undefined, unclear: ['multifaces_tag'] },
    quirks: ['MULTIFACES_TAG_UNKNOWN'],
  },
  {
    row: 'row 29: an odd tag before the session is over does not end it',
    body: answer({ status: 'PROCESSING', multifaces_tag: '2' }),
    expected: { status: 'PROCESSING', unclear: [] },
    quirks: ['MULTIFACES_TAG_UNKNOWN'],
  },
  {
    row: 'row 31: FACE_OUT_OF_CAMERA keeps its own name',
    body: answer({ liveness_result: { result: 'PASS', details: { FACE_OUT_OF_CAMERA: 1, SIDE_FACE: 2 } } }),
    expected: { liveness: { issueCounts: { FACE_OUT_OF_CAMERA: 1, SIDE_FACE: 2 } } },
    quirks: [],
  },
  {
    row: 'row 32: the comma stays',
    body: answer({ request_id: '1462259763,e2d2f8d6-204b' }),
    expected: { vendorRequestIds: ['1462259763,e2d2f8d6-204b'] },
    quirks: [],
  },
  {
    row: 'row 32: a request id of another pattern',
    body: answer({ request_id: 'a b' }),
    expected: { vendorRequestIds: [] },
    quirks: ['REQUEST_ID_DROPPED'],
  },
  { row: 'row 33: time_used as text', body: answer({ time_used: '12' }), expected: { timeUsedMs: 12 }, quirks: ['NUMERIC_TEXT'] },
  { row: 'row 33: time_used absent', body: answer(), expected: { timeUsedMs: undefined }, quirks: [] },
  {
    row: 'row 33: time_used of no sense',
    body: answer({ time_used: -3 }),
    expected: { timeUsedMs: undefined },
    quirks: ['TIME_USED_DROPPED'],
  },
  {
    row: 'row 38: a success text is no error',
    body: answer({ message: 'success' }),
    expected: { status: 'OK' },
    quirks: ['MESSAGE_IGNORED'],
  },
  { row: 'a byte order mark', body: `\ufeff${JSON.stringify(answer())}`, expected: { status: 'OK' }, quirks: ['BOM_STRIPPED'] },
];
