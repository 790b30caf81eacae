import { readFileSync } from 'node:fs';
import type { Answer } from '../../../src/domain/judging/answer.ts';
import type { ReadReport } from '../../../src/domain/reading/report.ts';
import { classifyAnswer } from '../../../src/faceid/classify-answer.ts';

export const SENT_AT = '2024-05-01T10:00:00.000Z';
export const ANSWERED_AT = '2024-05-01T10:00:00.100Z';

export function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/faceid/${name}`, import.meta.url), 'utf8');
}

export function classify(httpStatus: number, body: unknown, expectedBizNo?: string): ReadReport {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return classifyAnswer({ httpStatus, body: Buffer.from(text), sentAt: SENT_AT, answeredAt: ANSWERED_AT }, { expectedBizNo });
}

/** The answer of a 200 answer; fails if there is none. */
export function answerOf(body: unknown, expectedBizNo?: string): Answer {
  const report = classify(200, body, expectedBizNo);
  if (report.kind !== 'ANSWER') throw new Error(`no answer but ${report.kind}`);
  return report.answer;
}

export const THRESHOLDS = { '1e-3': 64, '1e-4': 69, '1e-5': 74, '1e-6': 79.9 } as const;

/** A good answer whose parts a test replaces. */
export function answer(parts: object = {}): object {
  return {
    status: 'OK',
    liveness_result: { result: 'PASS' },
    verify_result: { error_message: null, result_ref1: { confidence: 80, thresholds: THRESHOLDS } },
    ...parts,
  };
}
