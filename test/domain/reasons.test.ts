import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REASON_CATEGORIES } from '../../src/domain/reasons.ts';

/** Where reasons come from. `advice.ts` and `risk.ts` only look at them, and the table in `unjudged.ts` gives them a place. */
const RULES = ['decide', 'judging/judge', 'judging/compare', 'judging/conclude', 'judging/endings'];

test('every reason code is one that a rule gives: consumers are told of no other', () => {
  const text = RULES.map((name) => readFileSync(new URL(`../../src/domain/${name}.ts`, import.meta.url), 'utf8')).join('\n');
  expect(Object.keys(REASON_CATEGORIES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});
