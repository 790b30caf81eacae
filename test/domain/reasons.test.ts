import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REASONS } from '../../src/domain/reasons.ts';

const ROOT = new URL('../../', import.meta.url);
/** Where reasons come from. `risk.ts` only looks at them, and the table in `unjudged.ts` gives them a place. */
const RULES = ['decide', 'judging/judge', 'judging/compare', 'judging/conclude', 'judging/endings'];

function textOf(paths: readonly string[]): string {
  return paths.map((path) => readFileSync(new URL(path, ROOT), 'utf8')).join('\n');
}

/** Codes that a text does not name. */
function missingIn(text: string): readonly string[] {
  return Object.keys(REASONS).filter((code) => !text.includes(`'${code}'`));
}

test('every reason code is one that a rule gives: consumers are told of no other', () => {
  expect(missingIn(textOf(RULES.map((name) => `src/domain/${name}.ts`)))).toEqual([]);
});

test('every reason code is expected by a test of the rules', () => {
  const tests = readdirSync(new URL('test/domain', ROOT)).filter((name) => name.endsWith('.test.ts'));
  expect(missingIn(textOf(tests.map((name) => `test/domain/${name}`)))).toEqual([]);
});
