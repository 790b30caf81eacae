import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/contracts/errors.ts';
import { createTokenSeal, TokenKeyUnknownError, TokenSealBrokenError } from '../../src/temporal/token-seal.ts';

const ID = 'abcdefghijklmnopqrstuvwxyz';
const OLD = { id: '2025', key: Buffer.alloc(32, 1) };
const NEW = { id: '2026', key: Buffer.alloc(32, 2) };

describe('createTokenSeal', () => {
  it('opens what it sealed, for every token', () => {
    const seal = createTokenSeal([NEW]);
    const anyCodePoint = fc.nat({ max: 0x10_ff_ff }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.string({ unit: anyCodePoint, minLength: 1, maxLength: 200 }), (token) => {
        const wellFormed = Buffer.from(token, 'utf8').toString('utf8');
        expect(seal.open(seal.seal(wellFormed, ID), ID)).toBe(wellFormed);
      }),
    );
  });

  it('never seals the same token to the same text, and hides it', () => {
    const seal = createTokenSeal([NEW]);
    const [one, two] = [seal.seal('a-token', ID), seal.seal('a-token', ID)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^vf1\.2026\.[\w-]+$/);
    expect(Buffer.from(one.split('.')[2] ?? '', 'base64url').includes('a-token')).toBe(false);
  });

  it('opens with every key after a rotation and seals with the first', () => {
    const before = createTokenSeal([OLD]).seal('a-token', ID);
    const rotated = createTokenSeal([NEW, OLD]);
    expect(rotated.open(before, ID)).toBe('a-token');
    expect(rotated.seal('a-token', ID)).toMatch(/^vf1\.2026\./);
  });

  it('names the key that is missing', () => {
    const sealed = createTokenSeal([OLD]).seal('a-token', ID);
    expect(() => createTokenSeal([NEW]).open(sealed, ID)).toThrow(TokenKeyUnknownError);
    expect(() => createTokenSeal([NEW]).open(sealed, ID)).toThrow(/2025.*VF_TOKEN_KEYS/);
  });

  it('does not open an envelope of another verification', () => {
    const seal = createTokenSeal([NEW]);
    expect(() => seal.open(seal.seal('a-token', ID), ID.replace('a', 'b'))).toThrow(TokenSealBrokenError);
  });

  it('does not open with other bytes under the same key id', () => {
    const sealed = createTokenSeal([NEW]).seal('a-token', ID);
    const impostor = createTokenSeal([{ id: NEW.id, key: randomBytes(32) }]);
    expect(() => impostor.open(sealed, ID)).toThrow(TokenSealBrokenError);
  });

  it('notices every altered byte', () => {
    const seal = createTokenSeal([NEW]);
    const [format, keyId, body] = seal.seal('a-token', ID).split('.');
    const bytes = Buffer.from(body ?? '', 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => seal.open([format, keyId, altered.toString('base64url')].join('.'), ID)).toThrow(TokenSealBrokenError);
    }
  });

  it.each(['', 'a-token', 'vf1.2026', 'vf1.2026.', 'vf2.2026.AAAA', 'vf1.2026.AAAA.BBBB', 'vf1.no/id.AAAA'])(
    'refuses %j as an envelope without quoting it',
    (text) => {
      expect(() => createTokenSeal([NEW]).open(text, ID)).toThrow(/^the sealed token cannot be opened: (it is|altered)/);
    },
  );

  it.each([
    ['no key', [], /at least one/],
    ['a short key', [{ id: 'k', key: Buffer.alloc(16) }], /16 bytes instead of 32/],
    ['a key id with a dot', [{ id: 'a.b', key: OLD.key }], /key id/],
    ['a key id twice', [OLD, { ...NEW, id: OLD.id }], /twice/],
  ])('refuses %s', (_name, keys, problem) => {
    expect(() => createTokenSeal(keys)).toThrow(ConfigurationError);
    expect(() => createTokenSeal(keys)).toThrow(problem);
  });
});
