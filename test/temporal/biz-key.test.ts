import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bizKeys } from '../../src/temporal/biz-key.ts';

const KEY = Buffer.alloc(32, 7);
const OTHER = Buffer.alloc(32, 8);

it('stays what it is: what was started before is found for ever', () => {
  expect(bizKeys('order-7', [KEY])).toMatchInlineSnapshot(`
    [
      "ckGm9c0Gnmu9VHOHFg2nMx9yGwjH_EX9uGpCgpp1gaM",
    ]
  `);
});

it('is another for another number and under another key, one for each key in their order', () => {
  const [one, other] = bizKeys('order-7', [KEY, OTHER]);
  expect([one, other]).toEqual([...bizKeys('order-7', [KEY]), ...bizKeys('order-7', [OTHER])]);
  expect(new Set([one, other, ...bizKeys('order-8', [KEY])]).size).toBe(3);
  expect(bizKeys('order-7', [])).toEqual([]);
});

it('never holds the number, in any writing, and fits a query without quoting', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 128 }), (bizNo) => {
      const [key = ''] = bizKeys(bizNo, [KEY]);
      expect(key).toMatch(/^[\w-]{43}$/);
      for (const form of [bizNo, Buffer.from(bizNo).toString('base64url'), Buffer.from(bizNo).toString('hex')])
        expect(key).not.toContain(form);
    }),
  );
});
