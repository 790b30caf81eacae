import { expect, test } from 'vitest';
import { judge } from '../../../src/domain/judging/judge.ts';
import { answer, classify } from '../support/answers.ts';
import { COMPARISON_ROWS, VERIFY_ERROR_ROWS } from './rows/comparisons.ts';
import { BIZ_NO_ROWS } from './rows/duplicates-biz-no.ts';
import { OTHER_ROWS } from './rows/others.ts';
import { LIVENESS_ROWS, NO_DATA_ROWS, STATUS_ROWS } from './rows/status-liveness.ts';

const ROWS = [STATUS_ROWS, LIVENESS_ROWS, NO_DATA_ROWS, COMPARISON_ROWS, VERIFY_ERROR_ROWS, BIZ_NO_ROWS, OTHER_ROWS].flat();

type Path = readonly string[];

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every field of a body, those that hold further ones included. */
function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => [[...path, key], ...pathsIn(part, [...path, key])]);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce((part, key) => (isObject(part) ? new Map<string, unknown>(Object.entries(part)).get(key) : undefined), value);
}

/** JSON of `value` in which the field at `path` stands as often as there are `values`. */
function textWith(value: unknown, [key, ...rest]: Path, values: readonly unknown[]): string {
  if (key === undefined) throw new Error('no path');
  const others = isObject(value) ? Object.entries(value).filter(([name]) => name !== key) : [];
  const fields = others.map(([name, part]) => [name, JSON.stringify(part)]);
  const written = rest.length === 0 ? values.map((one) => JSON.stringify(one)) : [textWith(at(value, [key]), rest, values)];
  const members = [...fields, ...written.map((text) => [key, text])].filter(([, text]) => text !== undefined);
  return `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

function passes(body: string, bizNo: string | undefined): boolean {
  const report = classify(200, body, bizNo);
  if (report.kind !== 'ANSWER') return false;
  const judgement = judge(report.answer, { comparisons: [], requiredFar: '1e-4' });
  return judgement.kind === 'VERDICT' && judgement.verdict.outcome === 'PASSED';
}

/** Fields of a row that alone keep a good answer from passing, with the value that does and the good one. */
const DECISIVE = ROWS.flatMap(({ row, body, bizNo }) =>
  pathsIn(body)
    .map((path) => ({ row, path, bizNo, bad: at(body, path), good: at(answer(), path) ?? null }))
    .filter(({ path, bizNo, bad }) => bad !== undefined && !passes(textWith(answer(), path, [bad]), bizNo)),
);

test('row 10: whatever keeps an answer from passing does so too if the field is repeated with a good value', () => {
  const fields = new Set(DECISIVE.map(({ path }) => path.join('.')));
  expect([...fields]).toEqual(expect.arrayContaining(['status', 'liveness_result.result', 'verify_result.result_ref1.confidence']));
  const overruled = DECISIVE.filter(({ path, bizNo, bad, good }) => passes(textWith(answer(), path, [bad, good]), bizNo));
  expect(overruled.map(({ row, path }) => `${row}: ${path.join('.')}`)).toEqual([]);
});
