import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { classify, answerOf, fixture } from '../support/answers.ts';

/** Of the samples as they stand on the vendor's page: a formatter or an editor must not "fix" them. */
const VERBATIM = {
  'seed-ok.verbatim.txt': '59397ee65bd7aa9621fae95d3b345d3f3b14cb15c2f43514cf74949bc2900ee6',
  'seed-failed.verbatim.txt': '10411ba68a2a62579c1f70b4506f9a63145579199ddeadf3f0488fa9751d37ad',
  'seed-not-started.verbatim.txt': '8f6b1673a5e64156ebbdb0551ab57f429dabeb8169afc0e98b038d697ab35d28',
};

test.each(Object.entries(VERBATIM))('%s is the vendor’s sample byte for byte', (name, sha256) => {
  expect(createHash('sha256').update(fixture(name)).digest('hex')).toBe(sha256);
});

test('row 9: the OK sample has 12 opening braces and 11 closing ones, and is MALFORMED', () => {
  const text = fixture('seed-ok.verbatim.txt');
  expect([text.split('{').length - 1, text.split('}').length - 1]).toEqual([12, 11]);
  expect(classify(200, text)).toEqual({
    kind: 'MALFORMED',
    sentAt: expect.any(String),
    answeredAt: expect.any(String),
    httpStatus: 200,
    bodyBytes: Buffer.byteLength(text),
    bodySha256: VERBATIM['seed-ok.verbatim.txt'],
  });
});

test('rows 9 and 17: the repaired OK sample is numeric, of a foreign biz_no, and between 1e-3 and 1e-4', () => {
  const answer = answerOf(fixture('seed-ok.repaired.json'), 'order-1');
  expect(answer).toMatchObject({
    status: 'OK',
    liveness: { result: 'INDETERMINATE', scores: { flashAttack: 0.5, livingAttack: 0.5 } },
    bizNo: 'DIFFERS',
    timeUsedMs: 100,
    unclear: [],
  });
  const reference = answer.comparisons.find(({ name }) => name === 'result_ref1');
  expect(reference).toEqual({
    name: 'result_ref1',
    confidence: 68.918,
    thresholds: { '1e-3': 64, '1e-4': 69, '1e-5': 74, '1e-6': 79.9 },
  });
  expect(answer.quirks).toEqual(expect.arrayContaining(['LIVENESS_RESULT_NUMERIC', 'DETAILS_DROPPED', 'BIZ_NO_REPEATED']));
});

test('row 10: both request ids of the OK sample are kept', () => {
  const answer = answerOf(fixture('seed-ok.repaired.json'));
  expect(answer.vendorRequestIds).toEqual([
    '1462259763,e2d2f8d6-204b-4c43-92ea-1d62b071f83c',
    '1629684531,ec2fc2a6-01fc-4ecf-82fe-f26c5bf1b2ed',
  ]);
  expect(answer.quirks).toEqual(expect.arrayContaining(['DUPLICATE_KEYS', 'REQUEST_ID_REPEATED']));
});

test('row 11: with the brace at the end, biz_no lies inside verify_result and is compared there', () => {
  const text = fixture('seed-ok.brace-appended.json');
  expect(answerOf(text, 'your_biz_no')).toMatchObject({ bizNo: 'DIFFERS' });
  expect(answerOf(text).quirks).toContain('BIZ_NO_NESTED');
  expect(answerOf(text).comparisons.map(({ name }) => name)).toEqual([
    'result_faceid',
    'result_ref1',
    'result_idcard_photo',
    'result_idcard_datasource',
  ]);
});

test('row 2: the Failed sample is FAILED, with no comparison', () => {
  expect(answerOf(fixture('seed-failed.verbatim.txt'))).toMatchObject({
    status: 'FAILED',
    liveness: { result: 'INDETERMINATE' },
    verifyPresent: false,
    comparisons: [],
    quirks: expect.arrayContaining(['STATUS_CASE_FOLDED']),
  });
});

test('rows 7 and 8: the NOT_STARTED sample holds no data', () => {
  const answer = answerOf(fixture('seed-not-started.verbatim.txt'), 'c22fe4e0-66ba-4078-bd9b-3b1a20628f8d');
  expect(answer).toEqual({
    status: 'NOT_STARTED',
    liveness: { result: 'ABSENT' },
    verifyPresent: false,
    comparisons: [],
    bizNo: 'MATCHES',
    vendorRequestIds: ['1629684531,ec2fc2a6-01fc-4ecf-82fe-f26c5bf1b2ed'],
    timeUsedMs: 2,
    unclear: [],
    quirks: [],
  });
});

test('a good answer is read without any tolerance', () => {
  expect(answerOf(fixture('passed.json'), 'order-1001')).toEqual({
    status: 'OK',
    liveness: {
      result: 'PASS',
      scores: { flashAttack: 0.0213, livingAttack: 0.0102 },
      issueCounts: { FACE_NOT_FOUND: 1, LOW_BRIGHTNESS: 2 },
    },
    verifyPresent: true,
    comparisons: [
      {
        name: 'result_ref1',
        confidence: 82.54,
        thresholds: { '1e-3': 62.169, '1e-4': 69.315, '1e-5': 74.399, '1e-6': 78.038 },
      },
    ],
    multipleFaces: false,
    bizNo: 'MATCHES',
    vendorRequestIds: ['1700000000,11111111-2222-4333-8444-555555555555'],
    timeUsedMs: 87,
    unclear: [],
    quirks: [],
  });
});

test('row 17: the boundary answer keeps every digit', () => {
  const [comparison] = answerOf(fixture('boundary.json')).comparisons;
  expect(comparison).toMatchObject({ confidence: 68.918, thresholds: { '1e-3': 64, '1e-4': 69 } });
});
