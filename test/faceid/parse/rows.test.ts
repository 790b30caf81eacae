import { describe, expect, test } from 'vitest';
import { MAX_COMPARISONS } from '../../../src/faceid/parse/comparisons.ts';
import { QUIRKS } from '../../../src/faceid/parse/quirks.ts';
import { answer, answerOf, THRESHOLDS } from '../support/answers.ts';
import { COMPARISON_ROWS, VERIFY_ERROR_ROWS } from './rows/comparisons.ts';
import { CLAUSE_ROWS, DENIAL_ROWS, LIVE_SCORE_ROWS, SPELLING_ROWS } from './rows/denials.ts';
import { DUPLICATE_ROWS, BIZ_NO_ROWS } from './rows/duplicates-biz-no.ts';
import { ATTACK_ROWS, ERROR_ROWS } from './rows/errors-attacks.ts';
import { OTHER_ROWS } from './rows/others.ts';
import { STATUS_ROWS, LIVENESS_ROWS, NO_DATA_ROWS } from './rows/status-liveness.ts';

const TABLES = {
  STATUS_ROWS,
  LIVENESS_ROWS,
  NO_DATA_ROWS,
  DUPLICATE_ROWS,
  BIZ_NO_ROWS,
  COMPARISON_ROWS,
  VERIFY_ERROR_ROWS,
  OTHER_ROWS,
  ERROR_ROWS,
  ATTACK_ROWS,
  DENIAL_ROWS,
  SPELLING_ROWS,
  LIVE_SCORE_ROWS,
  CLAUSE_ROWS,
};

const ABSENT = { verifyError: undefined, multipleFaces: undefined, timeUsedMs: undefined, attackSigns: undefined, implausible: undefined };

describe.each(Object.entries(TABLES))('%s', (_name, rows) => {
  test.each(rows)('$row', ({ body, expected, quirks, bizNo }) => {
    const read = answerOf(body, bizNo);
    // `undefined` in a row demands that the optional field is absent.
    expect({ ...ABSENT, ...read }).toMatchObject(expected);
    if (quirks !== undefined) expect([...read.quirks].toSorted()).toEqual(quirks.toSorted());
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
  expect(answerOf(answer(parts))).toEqual(answerOf(answer()));
});

test('row 14: more comparisons than the cap cannot pass unseen', () => {
  const many = Object.fromEntries(
    Array.from({ length: MAX_COMPARISONS + 1 }, (_, n) => [`result_ref${n}`, { confidence: 99, thresholds: THRESHOLDS }]),
  );
  const read = answerOf(answer({ verify_result: many }));
  expect(read.comparisons).toHaveLength(MAX_COMPARISONS);
  expect(read.unclear).toEqual(['verify_result']);
  expect(read.quirks).toEqual(['COMPARISONS_CAPPED']);
});

test('every tolerance is listed once, and each is used by a test above, here or in encodings.test.ts', () => {
  const listed = QUIRKS.map(([code]) => code);
  expect(new Set(listed).size).toBe(listed.length);
  const used = new Set(Object.values(TABLES).flatMap((rows) => rows.flatMap(({ quirks }) => quirks ?? [])));
  expect(listed.filter((code) => !used.has(code))).toEqual(['CHARSET_DECLARED', 'CONTENT_ENCODED', 'COMPARISONS_CAPPED']);
});
