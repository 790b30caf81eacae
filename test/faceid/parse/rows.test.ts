import { describe, expect, test } from 'vitest';
import { MAX_COMPARISONS } from '../../../src/faceid/parse/comparisons.ts';
import { QUIRKS } from '../../../src/faceid/parse/quirks.ts';
import type { FoundEvidence } from '../../../activities/ports.ts';
import { classifyAnswer } from '../../../src/faceid/classify-answer.ts';
import { answer, ANSWERED_AT, answerOf, classify, SENT_AT, THRESHOLDS } from '../support/answers.ts';
import { COMPARISON_ROWS, VERIFY_ERROR_ROWS } from './rows/comparisons.ts';
import { CLAUSE_ROWS, DENIAL_ROWS, LIVE_SCORE_ROWS, SPELLING_ROWS } from './rows/denials.ts';
import { DUPLICATE_ROWS, BIZ_NO_ROWS } from './rows/duplicates-biz-no.ts';
import { ATTACK_ROWS, ERROR_ROWS } from './rows/errors-attacks.ts';
import { BEST, IMAGE_ROWS, jpeg } from './rows/images.ts';
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

/** The good answer, as JSON, with more members after its own. */
function withParts(parts: string, status = 'OK'): string {
  return JSON.stringify(answer({ status })).replace(/\}$/, `,${parts}}`);
}

function foundIn(body: string, returnImage: 0 | 1 | 2, keepAnswer = false): { found: readonly FoundEvidence[]; quirks: readonly string[] } {
  const told: FoundEvidence[][] = [];
  const evidence = { returnImage, keepAnswer, found: (evidence: readonly FoundEvidence[]) => void told.push([...evidence]) };
  const said = { httpStatus: 200, body: Buffer.from(body), sentAt: SENT_AT, answeredAt: ANSWERED_AT };
  const report = classifyAnswer(said, { expectedBizNo: undefined, evidence });
  expect(told.length).toBeLessThan(2);
  return { found: told.flat(), quirks: report.kind === 'ANSWER' ? report.answer.quirks : [] };
}

describe('images', () => {
  test.each(IMAGE_ROWS)('$row: is found as it was sent', ({ parts, returnImage = 1, found, quirks }) => {
    const read = foundIn(withParts(parts), returnImage);
    expect(read.found.map(({ kind, contentType, bytes }) => [kind, contentType, Buffer.from(bytes).toString('hex')])).toEqual(
      found.map(([kind, bytes]) => [kind, 'image/jpeg', bytes.toString('hex')]),
    );
    expect([...read.quirks].toSorted()).toEqual(quirks.toSorted());
  });

  test.each(IMAGE_ROWS)('$row: changes nothing of what the answer means', ({ parts }) => {
    const { quirks, multipleFaces: _tag, ...read } = answerOf(withParts(parts));
    const { quirks: _none, ...plain } = answerOf(answer());
    expect(read).toEqual(plain);
    // Nobody asked for images, so nobody is told of them.
    expect(quirks.filter((quirk) => quirk !== 'DUPLICATE_KEYS')).toEqual([]);
  });

  const text = BEST.toString('base64');
  /** Base64 of a JPEG, in which these words stand between signs. */
  const spoken = `${Buffer.from([0xff, 0xd8, 0xff]).toString('base64')}/MASK/ATTACK+SPOOF/FAILED/REJECTED//`;

  test('row 70: words within an image are none', () => {
    expect(Buffer.from(spoken, 'base64').toString('base64')).toBe(spoken);
    expect(answerOf(withParts(`"image_best":"${spoken}"`))).toEqual(answerOf(answer()));
    expect(answerOf(withParts(`"images":{"image_best_2":"${spoken}"}`))).toEqual(answerOf(answer()));
  });

  test.each([
    ['a text of an attack', '"image_best":"attack detected"', ['ATTACK']],
    ['an object of one', '"image_best":{"face_replaced":1}', ['FACE_REPLACED']],
    ['a list of one', '"multifaces_image":["mask found"]', ['MASK']],
    ['what a repeated image hides', `"image_best":{"face_replaced":1},"image_best":"${text}"`, ['FACE_REPLACED']],
    ['what hides a repeated image', `"image_best":"${text}","image_best":"mask found"`, ['MASK']],
    ['what a repeated container hides', `"images":{"screen_replay":1},"images":{"image_best":"${text}"}`, ['SCREEN_REPLAY']],
    ['an image in the place of an attack', `"face_attack":{"image_best":"${text}"}`, ['ATTACK']],
    ['what looks like an image', `"image_best":"data:image/jpeg;base64,mask found"`, ['MASK']],
  ])('row 70: %s is looked at like anything else', (_name, parts, attackSigns) => {
    expect(answerOf(withParts(parts)).attackSigns).toEqual(attackSigns);
    expect(foundIn(withParts(parts), 2).found.map(({ kind }) => kind)).toEqual(
      parts.includes(`best":"${text}`) && !parts.startsWith('"face_attack') ? ['IMAGE_BEST'] : [],
    );
  });

  test('row 70: a refusal beside an image, or beside JSON in its place, is no credible one', () => {
    for (const image of [text, '{\\"status\\":\\"OK\\"}', ''])
      expect(classify(400, `{"error_message":"BAD_ARGUMENTS","image_best":"${image}"}`)).toMatchObject({
        error: 'BAD_ARGUMENTS',
        credible: false,
      });
  });

  test.each(['NOT_STARTED', 'PROCESSING'])('row 27: of %s nothing is kept, whatever it brings', (status) => {
    expect(foundIn(withParts(`"image_best":"${text}"`, status), 2, true)).toEqual({ found: [], quirks: [] });
  });

  test.each(['OK', 'Failed', 'CANCELLED', 'NEW_WORD'])('row 27: of %s its images are kept', (status) => {
    expect(foundIn(withParts(`"image_best":"${text}"`, status), 1).found).toHaveLength(1);
  });

  test('row 27: of an answer that contradicts itself its images are kept, whatever its status', () => {
    expect(foundIn(withParts(`"status":"PROCESSING","image_best":"${text}"`), 1).found).toHaveLength(1);
  });

  test('row 71: the answer itself is kept as it came, with its images in it, after them', () => {
    const body = withParts(`"image_best":"${text}"`);
    const { found } = foundIn(body, 1, true);
    expect(found.map(({ kind, contentType }) => [kind, contentType])).toEqual([
      ['IMAGE_BEST', 'image/jpeg'],
      ['VENDOR_ANSWER', 'application/json'],
    ]);
    expect(Buffer.from(found[1]?.bytes ?? []).toString()).toBe(body);
    expect(foundIn(body, 0, true).found.map(({ kind }) => kind)).toEqual(['VENDOR_ANSWER']);
  });

  test('row 65: an image that nobody asked for is not kept', () => {
    expect(foundIn(withParts(`"image_best":"${text}"`), 0)).toEqual({ found: [], quirks: [] });
  });

  test('row 70: two images of 12 MB hold the event loop up for less than a second', () => {
    const large = jpeg('large', 12_000_000).toString('base64');
    const body = Buffer.from(withParts(`"image_best":"${large}","image_best_2":"data:image/jpeg;base64,${large}"`));
    const before = process.cpuUsage();
    expect(foundIn(body.toString(), 2).found).toHaveLength(2);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});

test.each([['row 43: unknown fields', { extra: { deep: [1] }, name: 'Jo Bloggs', images: { image_best: 'x' } }]])(
  '%s: change nothing',
  (_row, parts) => {
    expect(answerOf(answer(parts))).toEqual(answerOf(answer()));
  },
);

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
  for (const quirk of IMAGE_ROWS.flatMap(({ quirks }) => quirks)) used.add(quirk);
  expect(listed.filter((code) => !used.has(code))).toEqual(['CHARSET_DECLARED', 'CONTENT_ENCODED', 'COMPARISONS_CAPPED']);
});
