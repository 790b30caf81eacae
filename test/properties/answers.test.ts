import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { classifyAnswer } from '../../src/faceid/classify-answer.ts';
import { assignmentWith, live, stateAfter } from '../domain/samples.ts';
import { anyMutations, mutated, sourceOf, type Written, written } from './mutations.ts';
import { isCredibleRefusal, obstacle } from './passing-oracle.ts';
import { runs } from './runs.ts';

const MAX_READS = 3;
const PASS: object = JSON.parse(readFileSync(new URL('../fixtures/faceid/passed.json', import.meta.url), 'utf8'));
const REPAIRED: object = JSON.parse(readFileSync(new URL('../fixtures/faceid/seed-ok.repaired.json', import.meta.url), 'utf8'));

/** Real answers: one that passes, with and without what siblings add, the vendor's sample, and refusals. */
const REAL: readonly Written[] = [
  PASS,
  PASS,
  PASS,
  { ...PASS, biz_no: 'order-1', error: null, face_genuineness: { mask_confidence: 0.01, mask_threshold: 0.5, face_replaced: 0 } },
  { ...PASS, id_exceptions: { id_photo_monochrome: 0, id_attacked: 0 }, code: 0, msg: 'ok' },
  REPAIRED,
  { status: 'PROCESSING', liveness_result: { result: null }, verify_result: {} },
  { error_message: 'BAD_ARGUMENTS: x', request_id: '1,a', time_used: 1 },
  { error_message: 'CONCURRENCY_LIMIT_EXCEEDED', request_id: '1,a', time_used: 1 },
].map(written);

const anyAnswer = fc.tuple(fc.constantFrom(...REAL), anyMutations).map(([real, mutations]) => mutated(real, mutations));

function reportOf(answer: Written, { httpStatus = 200, bizNo }: { httpStatus?: number; bizNo?: string | undefined } = {}): ReadReport {
  const body = Buffer.from(sourceOf(answer));
  const at = '2026-03-01T12:00:00.000Z';
  return classifyAnswer({ httpStatus, body, sentAt: at, answeredAt: at }, { expectedBizNo: bizNo });
}

/** Twenty thousand cases, perhaps on a busy machine. */
const PATIENCE_MS = 120_000;

test(
  'from any answer PASSED implies all that has to be said for it, and nothing against it',
  () => {
    let passed = 0;
    let refused = 0;
    fc.assert(
      fc.property(anyAnswer, fc.constantFrom(undefined, 'order-1'), (answer, bizNo) => {
        const outcome = concludedVerdict(stateAfter(assignmentWith(), [{ atMs: 0, report: reportOf(answer, { bizNo }) }]))?.outcome;
        const against = obstacle(answer, bizNo);
        if (outcome === 'PASSED') {
          passed += 1;
          expect([sourceOf(answer), against]).toEqual([sourceOf(answer), undefined]);
        } else if (against !== undefined) refused += 1;
      }),
      runs(20_000),
    );
    // The property is about the border: both sides have to be visited.
    expect(passed).toBeGreaterThan(2_000);
    expect(refused).toBeGreaterThan(5_000);
  },
  PATIENCE_MS,
);

test(
  'the requests that left never exceed the quota and the credible refusals',
  () => {
    let usedUp = 0;
    const anyReply = fc.record({
      answer: anyAnswer,
      httpStatus: fc.constantFrom(200, 200, 200, 400, 403, 403, 404, 408, 429, 302, 500, 503),
    });
    fc.assert(
      fc.property(fc.array(anyReply, { minLength: 1, maxLength: 10 }), (replies) => {
        const { readsAtMs } = live(
          assignmentWith(),
          replies.map(({ answer, httpStatus }) => reportOf(answer, { httpStatus })),
        );
        const made = readsAtMs.map((_at, index) => replies[Math.min(index, replies.length - 1)]).filter((reply) => reply !== undefined);
        const counted = made.filter(({ answer, httpStatus }) => !isCredibleRefusal(answer, httpStatus)).length;
        expect(counted).toBeLessThanOrEqual(MAX_READS);
        expect(made.length - counted).toBeLessThanOrEqual(5 + MAX_READS);
        usedUp += Number(counted === MAX_READS);
      }),
      runs(3_000),
    );
    expect(usedUp).toBeGreaterThan(100);
  },
  PATIENCE_MS,
);
