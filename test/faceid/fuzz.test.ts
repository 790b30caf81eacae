import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../../src/domain/judging/judge.ts';
import { classifyAnswer } from '../../src/faceid/classify-answer.ts';
import { errorCodeOf } from '../../src/faceid/parse/error-code.ts';
import { QUIRKS } from '../../src/faceid/parse/quirks.ts';
import { ANSWERED_AT, SENT_AT, THRESHOLDS } from './support/answers.ts';

const STATUSES = fc.constantFrom(200, 200, 200, 204, 302, 400, 403, 404, 429, 500, 502);
const KEYS = fc.constantFrom(
  'status',
  'liveness_result',
  'result',
  'score',
  'details',
  'verify_result',
  'result_ref1',
  'confidence',
  'thresholds',
  '1e-4',
  'error_message',
  'error',
  'message',
  'biz_no',
  'biz_info',
  'multifaces_tag',
  'request_id',
  'image_best',
  '__proto__',
  'constructor',
  'hasOwnProperty',
);
const LEAVES = fc.oneof(
  fc.constantFrom('OK', 'FAILED', 'pass', 'PASS', 'FAIL', 'null', '', 'DATA_DESTROYED', 'NO_FACE_FOUND: :', '80', 'x'),
  fc.constantFrom(null, true, false, 0, 1, 0.5, 80, 1e308, -1),
  fc.constant(THRESHOLDS),
  fc.string(),
);

/** Source text of vendor-like JSON in which keys may repeat. */
const { text: VENDOR_TEXT } = fc.letrec<{ text: string; object: string; value: string }>((tie) => ({
  text: tie('object'),
  object: fc
    .array(fc.tuple(KEYS, tie('value')), { maxLength: 6 })
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  value: fc.oneof(
    { maxDepth: 4 },
    LEAVES.map((leaf) => JSON.stringify(leaf)),
    tie('object'),
  ),
}));

const BODIES = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => Buffer.from(text)),
  VENDOR_TEXT.map((text) => Buffer.from(text)),
);

test('no answer whatever makes the parser throw, and no vendor text gets into a report', () => {
  const codes = new Set<string>(QUIRKS.map(([code]) => code));
  fc.assert(
    fc.property(STATUSES, BODIES, fc.option(fc.string(), { nil: undefined }), (httpStatus, body, expectedBizNo) => {
      const report = classifyAnswer({ httpStatus, body, sentAt: SENT_AT, answeredAt: ANSWERED_AT }, { expectedBizNo });
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
      if (report.kind !== 'ANSWER') return;
      expect(httpStatus).toBeLessThan(300);
      for (const quirk of report.answer.quirks) expect(codes).toContain(quirk);
      for (const id of report.answer.vendorRequestIds) expect(id).toMatch(/^[\w,.:-]{1,128}$/);
      for (const path of report.answer.unclear) expect(path).toMatch(/^[a-zA-Z0-9_.-]+$/);
    }),
    { numRuns: 1_000 },
  );
});

/** Answers of the vendor's shape with a word or two wrong, so that many of them come close to a pass. */
const NEARLY = fc
  .record(
    {
      status: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('OK', ' ok ') }, LEAVES),
      liveness_result: fc.oneof(
        { weight: 4, arbitrary: fc.record({ result: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('PASS', 'pass ') }, LEAVES) }) },
        LEAVES,
      ),
      verify_result: fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({
            error_message: fc.oneof({ weight: 3, arbitrary: fc.constantFrom('', 'null') }, LEAVES),
            result_ref1: fc.oneof(
              {
                weight: 4,
                arbitrary: fc.record({
                  confidence: fc.oneof(fc.double({ min: 60, max: 110 }), LEAVES),
                  thresholds: fc.constant(THRESHOLDS),
                }),
              },
              LEAVES,
            ),
          }),
        },
        LEAVES,
      ),
    },
    { requiredKeys: ['status'] },
  )
  .map((answer) => Buffer.from(JSON.stringify(answer)));

test('liveness is PASS only if that word is the value of liveness_result.result', () => {
  let passes = 0;
  fc.assert(
    fc.property(fc.oneof(BODIES, NEARLY), (body) => {
      const report = classifyAnswer({ httpStatus: 200, body, sentAt: SENT_AT, answeredAt: ANSWERED_AT }, { expectedBizNo: undefined });
      if (report.kind !== 'ANSWER' || report.answer.liveness.result !== 'PASS') return;
      passes += 1;
      const root: { liveness_result?: { result?: unknown } } = JSON.parse(Buffer.from(body).toString());
      expect(String(root.liveness_result?.result)).toMatch(/^\s*[Pp][Aa][Ss][Ss]\s*$/);
    }),
    { numRuns: 1_500 },
  );
  expect(passes).toBeGreaterThan(100);
});

type Answer = {
  readonly status?: unknown;
  readonly liveness_result?: { readonly result?: unknown };
  readonly verify_result?: { readonly error_message?: unknown; readonly result_ref1?: { readonly confidence?: unknown } };
};

test('an answer is PASSED only if its text says status OK, liveness PASS, no error, and a confidence at the threshold', () => {
  const word = (value: unknown): string => String(value).trim().toUpperCase();
  let passed = 0;
  fc.assert(
    fc.property(NEARLY, (body) => {
      const report = classifyAnswer({ httpStatus: 200, body, sentAt: SENT_AT, answeredAt: ANSWERED_AT }, { expectedBizNo: undefined });
      if (report.kind !== 'ANSWER') return;
      const judgement = judge(report.answer, { comparisons: [], requiredFar: '1e-4' });
      if (judgement.kind !== 'VERDICT' || judgement.verdict.outcome !== 'PASSED') return;
      passed += 1;
      const { status, liveness_result: liveness, verify_result: verify }: Answer = JSON.parse(Buffer.from(body).toString());
      const confidence = Number(verify?.result_ref1?.confidence);
      expect([word(status), word(liveness?.result)]).toEqual(['OK', 'PASS']);
      expect(['', 'NULL', 'UNDEFINED']).toContain(word(verify?.error_message));
      expect(confidence >= THRESHOLDS['1e-4'] && confidence <= 100).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(passed).toBeGreaterThan(20);
});

test('an error code never holds anything but capitals, digits and underscores', () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^ ?[A-Z_0-9]{1,5} ?(: ?: ?x)?$/));
  fc.assert(
    fc.property(texts, (text) => {
      expect(errorCodeOf(text) ?? 'A').toMatch(/^[A-Z][A-Z0-9_]*$/);
    }),
  );
});
