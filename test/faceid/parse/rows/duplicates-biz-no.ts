import { answer } from '../../support/answers.ts';
import type { Row } from './row.ts';

const verify = (parts: object): object => answer({ verify_result: parts });

export const DUPLICATE_ROWS: Row[] = [
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
  expected: { unclear: [contradiction] },
}));
DUPLICATE_ROWS.push(
  ...[
    '{"face_genuineness":{"mask_confidence":0.01,"mask_confidence":"","mask_threshold":0.005}}',
    '{"face_genuineness":{"mask_confidence":0.01,"mask_threshold":0.005,"mask_threshold":0.5}}',
    '{"face_genuineness":{"mask_confidence":0.01,"mask_threshold":0.005,"mask_threshold":0.5,"mask_confidence":0}}',
    '{"x":[{"face_genuineness":{"mask_confidence":0.01,"mask_threshold":0.005,"mask_confidence":0}}]}',
  ].map((body): Row => ({
    row: `row 45: by a threshold beside it, whichever is repeated: ${body}`,
    body,
    expected: { attackSigns: ['MASK'] },
  })),
  {
    row: 'row 10: the same value twice',
    body: '{"status":"OK","status":"OK"}',
    expected: { status: 'OK', unclear: [] },
    quirks: ['DUPLICATE_KEYS'],
  },
  {
    row: 'row 10: a repeated field that decides nothing',
    body: '{"status":"OK","time_used":1,"time_used":2}',
    expected: { timeUsedMs: 2, unclear: [] },
    quirks: ['DUPLICATE_KEYS'],
  },
  {
    row: 'row 10: request_id twice',
    body: '{"status":"OK","request_id":"1,a","request_id":"2,b"}',
    expected: { vendorRequestIds: ['1,a', '2,b'], unclear: [] },
    quirks: ['DUPLICATE_KEYS', 'REQUEST_ID_REPEATED'],
  },
  {
    row: 'row 10: biz_no twice, the expected one last',
    body: '{"status":"OK","biz_no":"other","biz_no":"b"}',
    bizNo: 'b',
    expected: { bizNo: 'DIFFERS', unclear: [] },
    quirks: ['DUPLICATE_KEYS', 'BIZ_NO_REPEATED'],
  },
);

export const BIZ_NO_ROWS: Row[] = [
  { row: 'row 11: at the top', body: answer({ biz_no: 'b' }), bizNo: 'b', expected: { bizNo: 'MATCHES' }, quirks: [] },
  {
    row: 'row 11: in biz_info',
    body: answer({ biz_info: { biz_no: 'b' } }),
    bizNo: 'b',
    expected: { bizNo: 'MATCHES' },
    quirks: ['BIZ_NO_NESTED'],
  },
  {
    row: 'row 11: in verify_result, and no comparison data',
    body: verify({ biz_no: 'b' }),
    bizNo: 'b',
    expected: { bizNo: 'MATCHES', verifyPresent: false },
    quirks: ['BIZ_NO_NESTED'],
  },
  {
    row: 'row 11: one place of two differs',
    body: answer({ biz_no: 'b', biz_info: { biz_no: 'c' } }),
    bizNo: 'b',
    expected: { bizNo: 'DIFFERS' },
    quirks: ['BIZ_NO_NESTED'],
  },
  { row: 'row 11: a number', body: answer({ biz_no: 17 }), bizNo: '17', expected: { bizNo: 'MATCHES' }, quirks: ['BIZ_NO_NOT_TEXT'] },
  ...(
    [
      ['19 digits', '1934567890123456789', '1934567890123456789', 'MATCHES'],
      ['19 digits, the next number', '1934567890123456788', '1934567890123456789', 'DIFFERS'],
      ['30 digits', '1'.repeat(30), '1'.repeat(30), 'MATCHES'],
      ['an exponent is not the number written out', '1e3', '1000', 'DIFFERS'],
      ['an exponent as it is written', '1e3', '1e3', 'MATCHES'],
      ['a fraction', '17.0', '17', 'DIFFERS'],
      ['a negative number', '-17', '-17', 'MATCHES'],
      ['beyond every number', '1e999', '1e999', 'MATCHES'],
    ] as const
  ).map(([name, source, bizNo, expected]): Row => ({
    row: `row 11: a number: ${name}`,
    body: `{"status":"OK","biz_no":${source}}`,
    bizNo,
    expected: { bizNo: expected },
    quirks: ['BIZ_NO_NOT_TEXT'],
  })),
  {
    row: 'row 11: a number in biz_info, digit by digit',
    body: '{"status":"OK","biz_info":{"biz_no":1934567890123456789}}',
    bizNo: '1934567890123456788',
    expected: { bizNo: 'DIFFERS' },
  },
  {
    row: 'row 11: a number repeated with another digit',
    body: '{"status":"OK","biz_no":1934567890123456788,"biz_no":1934567890123456789}',
    bizNo: '1934567890123456789',
    expected: { bizNo: 'DIFFERS' },
  },
  { row: 'row 11: leading zeros', body: answer({ biz_no: '0017' }), bizNo: '17', expected: { bizNo: 'DIFFERS' }, quirks: [] },
  { row: 'row 11: white space', body: answer({ biz_no: ' 17' }), bizNo: '17', expected: { bizNo: 'DIFFERS' }, quirks: [] },
  { row: 'row 11: an object', body: answer({ biz_no: {} }), bizNo: 'b', expected: { bizNo: 'DIFFERS' }, quirks: ['BIZ_NO_NOT_TEXT'] },
  { row: 'row 11: other case', body: answer({ biz_no: 'B' }), bizNo: 'b', expected: { bizNo: 'DIFFERS' }, quirks: [] },
  { row: 'row 12: absent', body: answer(), bizNo: 'b', expected: { bizNo: 'ABSENT' }, quirks: [] },
  { row: 'row 12: null', body: answer({ biz_no: null }), bizNo: 'b', expected: { bizNo: 'ABSENT' }, quirks: [] },
  { row: 'row 12: not expected', body: answer({ biz_no: 'c' }), expected: { bizNo: 'NOT_EXPECTED' }, quirks: [] },
];
