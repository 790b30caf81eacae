import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REASONS } from '../../src/domain/reasons.ts';

const ROOT = new URL('../../', import.meta.url);
/** Where reasons come from. `risk.ts` only looks at them, and the table in `unjudged.ts` gives them a place. */
const RULES = [
  'decide',
  'judging/judge',
  'judging/compare',
  'judging/conclude',
  'judging/endings',
  'judging/error-endings',
  'judging/ruled',
  'outcome',
];

function textOf(paths: readonly string[]): string {
  return paths.map((path) => readFileSync(new URL(path, ROOT), 'utf8')).join('\n');
}

/** Codes that a text names in quotes, as code does. */
function namedIn(text: string): readonly string[] {
  return Object.keys(REASONS).filter((code) => text.includes(`'${code}'`));
}

/** Codes that it does not. */
function missingIn(text: string): readonly string[] {
  const named = namedIn(text);
  return Object.keys(REASONS).filter((code) => !named.includes(code));
}

test('every reason code is one that a rule gives: consumers are told of no other', () => {
  expect(missingIn(textOf(RULES.map((name) => `src/domain/${name}.ts`)))).toEqual([]);
});

test('every reason code is expected by a test of the rules', () => {
  const tests = readdirSync(new URL('test/domain', ROOT)).filter((name) => name.endsWith('.test.ts'));
  expect(missingIn(textOf(tests.map((name) => `test/domain/${name}`)))).toEqual([]);
});

test('every reason that judging an answer gives is explained in docs/vendor.md', () => {
  const given = namedIn(textOf(['src/domain/judging/judge.ts', 'src/domain/judging/compare.ts']));
  const page = textOf(['docs/vendor.md']);
  expect(given.length).toBeGreaterThan(15);
  expect(given.filter((code) => !page.includes(code))).toEqual([]);
});
