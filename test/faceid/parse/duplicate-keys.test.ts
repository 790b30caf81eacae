import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findDuplicateKeys } from '../../../src/faceid/parse/duplicate-keys.ts';

function find(text: string) {
  JSON.parse(text);
  return findDuplicateKeys(text, { maxDepth: 32 });
}

test.each([
  ['none', '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}', []],
  ['at the root', '{"a":1,"b":2,"a":3}', [{ path: ['a'], sources: ['1', '3'], differs: true }]],
  ['equal values', '{"a":64,"a":64.0}', [{ path: ['a'], sources: ['64', '64.0'], differs: false }]],
  ['a number beyond all bounds and null', '{"a":1e999,"a":null}', [{ path: ['a'], sources: ['1e999', 'null'], differs: true }]],
  ['two numbers beyond all bounds', '{"a":1e999,"a":2e999}', [{ path: ['a'], sources: ['1e999', '2e999'], differs: true }]],
  ['equal text, other escapes', '{"a":"x","a":"\\u0078"}', [{ path: ['a'], sources: ['"x"', '"\\u0078"'], differs: false }]],
  ['an escaped key', '{"status":1,"st\\u0061tus":2}', [{ path: ['status'], sources: ['1', '2'], differs: true }]],
  ['nested', '{"a":{"b":[0,{"c":1,"c":null}]}}', [{ path: ['a', 'b', '1', 'c'], sources: ['1', 'null'], differs: true }]],
  ['containers', '{"a":{"x":1},"a":{"x":2}}', [{ path: ['a'], sources: ['{"x":1}', '{"x":2}'], differs: true }]],
  ['a container and null', '{"a":[ ],"a":null}', [{ path: ['a'], sources: ['[ ]', 'null'], differs: true }]],
  ['prototype keys', '{"__proto__":1,"__proto__":2}', [{ path: ['__proto__'], sources: ['1', '2'], differs: true }]],
  ['braces and quotes in text', '{"a":"}\\",\\\\","b":"{\\"a\\":1}"}', []],
  ['three times', '{"a":1,"a":1,"a":2}', [{ path: ['a'], sources: ['1', '1', '2'], differs: true }]],
  ['white space', '{ "a" : true ,\n "a" : false }', [{ path: ['a'], sources: ['true', 'false'], differs: true }]],
])('row 10: duplicate keys: %s', (_name, text, expected) => {
  expect(find(text)).toEqual(expected);
});

test('finds nothing in anything that JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(find(text)).toEqual([]);
    }),
  );
});

test('finds exactly the keys that were written twice', () => {
  const members = fc.array(fc.tuple(fc.constantFrom('a', 'b', '"', '\\', 'é', '__proto__'), fc.jsonValue({ maxDepth: 2 })));
  fc.assert(
    fc.property(members, (entries) => {
      const text = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
      const keys = entries.map(([key]) => key);
      const twice = new Set(keys.filter((key, index) => keys.indexOf(key) !== index));
      expect(new Set(find(text)?.map(({ path }) => path[0]))).toEqual(twice);
    }),
  );
});

test('gives up on nesting beyond the limit, however deep', () => {
  expect(findDuplicateKeys('['.repeat(33) + ']'.repeat(33), { maxDepth: 32 })).toBeUndefined();
  expect(findDuplicateKeys('['.repeat(5_000_000), { maxDepth: 32 })).toBeUndefined();
  expect(findDuplicateKeys('['.repeat(32) + ']'.repeat(32), { maxDepth: 32 })).toEqual([]);
});
