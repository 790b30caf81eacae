import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerText, inLowerCase } from '../../src/contracts/wire/header-text.ts';

function textOf(bytes: Buffer): string | undefined {
  return headerText(new Map([['ce_id', [bytes]]]), 'ce_id');
}

describe('headerText', () => {
  it.each([
    ['a string', 'a103312e30', '1.0'],
    ['a long string', `b10000012c${'78'.repeat(300)}`, 'x'.repeat(300)],
    ['a symbol', 'a303312e30', '1.0'],
    ['a long symbol', 'b300000003312e30', '1.0'],
    ['a binary', 'a0056576742d31', 'evt-1'],
    ['a long binary', 'b0000000056576742d31', 'evt-1'],
    ['an empty string', 'a100', ''],
    ['a string in quotes', 'a10522312e3022', '1.0'],
    ['an int', '7100000005', '5'],
    ['a negative int', '71fffffffe', '-2'],
    ['a small int', '5405', '5'],
    ['a negative small int', '54fd', '-3'],
    ['a long', '8100000001000000ff', '4294967551'],
    ['a small long', '5580', '-128'],
    ['an unsigned long', '80ffffffffffffffff', '18446744073709551615'],
    ['a UUID', '9889791762233641869674299b90a802e2', '89791762-2336-4186-9674-299b90a802e2'],
  ])('reads %s of AMQP', (_what, digits, text) => {
    expect(textOf(Buffer.from(digits, 'hex'))).toBe(text);
  });

  it.each([
    ['letters that are AMQP types as well', 'queue'],
    ['two letters that could be a small int', 'T*'],
    ['a letter that could be a zero', 'D'],
    ['a quote at one end', '"a'],
    ['quotes that are no JSON', '"a"b"'],
    ['a lone quote', '"'],
    ['characters beyond ASCII', '¡Grüße 😀'],
  ])('leaves %s as they are', (_what, text) => {
    expect(textOf(Buffer.from(text))).toBe(text);
  });

  it.each([
    ['a length that does not fit', 'a104312e30'],
    ['a string that is no UTF-8', 'a101ff'],
    ['a number of the wrong size', '81000000'],
    ['nothing but a type', 'b1'],
  ])('does not read %s as AMQP', (_what, digits) => {
    expect(textOf(Buffer.from(digits, 'hex'))).toContain('\ufffd');
  });

  it('takes the last value that is not empty, over all cases of the name', () => {
    const headers = new Map([
      ['CE_ID', [Buffer.from('first')]],
      ['ce_id', [Buffer.from('second'), Buffer.from('third'), Buffer.alloc(0)]],
    ]);
    expect(headerText(inLowerCase(headers), 'ce_id')).toBe('third');
    expect(headerText(new Map([['ce_id', [Buffer.alloc(0)]]]), 'ce_id')).toBeUndefined();
    expect(headerText(new Map(), 'ce_id')).toBeUndefined();
  });

  it('returns every text as it is, bare, in quotes and as an AMQP string', () => {
    const texts = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => !/^".*"$|\p{Cc}/su.test(text));
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = Buffer.from(text);
        expect(textOf(bytes)).toBe(text);
        expect(textOf(json(text))).toBe(text);
        expect(textOf(Buffer.concat([Buffer.from([0xb1, 0, 0, 0]), Buffer.from([bytes.length]), bytes]))).toBe(text);
      }),
    );
  });
});

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
