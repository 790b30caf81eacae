import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createSearch, formsOf } from './search.ts';

const CHUNK = 4_194_304;

it('the search finds bytes in each form, wherever in a file they lie, across the border of two chunks too', () => {
  const secret = randomBytes(24);
  const search = createSearch([...formsOf('secret', secret), ...formsOf('other', randomBytes(24))]);
  const forms = [
    secret,
    Buffer.from(secret.toString('hex')),
    ...[0, 1, 2, 3, 4].map((before) => Buffer.from(Buffer.concat([randomBytes(before), secret, randomBytes(7)]).toString('base64'))),
  ];
  for (const form of forms) {
    expect(search.inBytes(form).finds.get('secret')).toBeGreaterThan(0);
    for (const at of form === secret ? [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK - 9] : [CHUNK - 11]) {
      const folder = mkdtempSync(join(tmpdir(), 'search-'));
      mkdirSync(join(folder, 'below'));
      writeFileSync(join(folder, 'below', 'file'), Buffer.concat([Buffer.alloc(at, 'x'), form]));
      const { finds, searched } = search.inFiles(folder);
      expect([at, [...finds.keys()], searched]).toEqual([at, ['secret'], at + form.length]);
    }
  }
});

it('the search counts each needle once, and finds none where there is none', () => {
  const [one, other] = [randomBytes(24), randomBytes(24)];
  const search = createSearch([
    { kind: 'image', bytes: one },
    { kind: 'image', bytes: other },
  ]);
  expect(search.inBytes(Buffer.concat([one, one, other])).finds).toEqual(new Map([['image', 2]]));
  expect(search.inBytes(one.subarray(0, 23)).finds).toEqual(new Map());
  expect(search.inBytes(Buffer.alloc(0)).finds).toEqual(new Map());
});
