import { describe, expect, it } from 'vitest';
import { letterJson } from '../../../src/cli/dlq/print.ts';
import type { HeaderList } from '../../../src/contracts/wire/header-text.ts';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { summaryOf } from '../../../src/operator/dlq/summary.ts';
import { deadLetter, SECRET } from './letters.ts';

const header = (name: string, text: string): HeaderList => [[name, Buffer.from(text)]];
const bytes = Buffer.from(SECRET);

describe('what is shown of a dead letter', () => {
  it.each([
    ['the value of a request', deadLetter()],
    [
      'a field that is wrong',
      deadLetter({ value: Buffer.from(JSON.stringify({ token: 'a b', issuedAt: SECRET, policy: SECRET, kind: SECRET })) }),
    ],
    ['the name of a field', deadLetter({ value: Buffer.from(JSON.stringify({ [SECRET]: 1, attributes: { [SECRET]: SECRET } })) })],
    ['broken JSON', deadLetter({ value: Buffer.from(`{"token":"${SECRET}`) })],
    ['a bare value', deadLetter({ value: bytes })],
    ['a list', deadLetter({ value: Buffer.from(JSON.stringify([SECRET])) })],
    ['the key', deadLetter({ key: bytes })],
    ['a header', deadLetter({ own: header('ce_id', SECRET) })],
    ['the name of a header', deadLetter({ own: header(SECRET, 'x'), value: null })],
    ['the content type', deadLetter({ own: header('content-type', SECRET), value: null })],
    ['the source', deadLetter({ own: header('ce_source', SECRET), value: null })],
    ['a header that is called like ours', deadLetter({ ours: { 'vf-dlq-group': SECRET, 'vf-dlq-topic': undefined }, value: bytes })],
    ['a mark that is none', deadLetter({ own: header('vf-redrive-count', SECRET) })],
  ])('holds no token that is in %s', (_what, letter) => {
    expect(JSON.stringify([summaryOf(letter), letterJson(letter, undefined)])).not.toContain(SECRET);
  });

  it('tells what a closed rule checks, sizes, and the verification', () => {
    const value = Buffer.from(JSON.stringify({ token: SECRET, issuedAt: '2026-01-15T09:30:00Z', bizNo: 'order-1', extra: 1 }));
    const own: HeaderList = [...header('content-type', 'application/json'), ...header('ce_source', '/shop/onboarding')];
    const letter = deadLetter({ value, own });
    expect(letter).toMatchObject({ verificationId: verificationIdOf(SECRET), producer: '/shop/onboarding' });
    expect(summaryOf(letter)).toMatchObject({
      key: 'none',
      value: `${value.length} bytes, a JSON object`,
      fields: [
        'token: text of 24 characters',
        'issuedAt: "2026-01-15T09:30:00Z"',
        'bizNo: text of 7 characters',
        'and 1 further field(s), whose names are not shown',
      ],
    });
    expect(summaryOf(letter).headers.slice(0, 3)).toEqual([
      { name: 'content-type', bytes: 16, shown: 'application/json' },
      { name: 'ce_source', bytes: 16 },
      { name: 'vf-dlq-topic', bytes: 8, shown: 'requests' },
    ]);
  });
});
