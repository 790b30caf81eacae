import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../src/contracts/wire/request.ts';

const token = 'tok-3f9a8b7c6d5e4f3a2b1c';

describe('parseRequest', () => {
  it('accepts a token alone', () => {
    expect(parseRequest({ token })).toEqual({ ok: true, value: { token } });
  });

  it('keeps every known field and drops unknown ones', () => {
    const known = {
      token,
      issuedAt: '2026-01-15T09:30:00+08:00',
      tokenExpiresAt: '2026-01-15T10:30:00+08:00',
      sessionEndedAt: '2026-01-15T01:40:00.5Z',
      bizNo: 'b'.repeat(128),
      comparisons: ['result_ref1', 'result_ref2'],
      policy: 'completed',
      returnImage: 2,
      attributes: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`name${index}`, 'v'.repeat(256)])),
    };
    expect(parseRequest({ ...known, surprise: { deep: true } })).toEqual({ ok: true, value: known });
  });

  it('takes null for absent', () => {
    expect(parseRequest({ token, bizNo: null, policy: null })).toEqual({ ok: true, value: { token } });
  });

  it.each([
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a token with a space', { token: 'a b' }],
    ['a token with a no-break space', { token: 'a\u00a0b' }],
    ['a token with a control character', { token: 'a\u0007b' }],
    ['a token with a C1 control', { token: 'a\u0085b' }],
    ['a token with a lone surrogate', { token: 'a\ud800' }],
    ['a token of 513 bytes', { token: 'x'.repeat(513) }],
    ['a token of 171 three-byte characters', { token: '✓'.repeat(171) }],
    ['a number as token', { token: 7 }],
    ['an issuedAt without zone', { token, issuedAt: '2026-01-15T09:30:00' }],
    ['an issuedAt on 30 February', { token, issuedAt: '2026-02-30T09:30:00Z' }],
    ['a tokenExpiresAt before issuedAt', { token, issuedAt: '2026-01-15T09:30:00Z', tokenExpiresAt: '2026-01-15T09:29:59Z' }],
    ['a bizNo of 129', { token, bizNo: 'b'.repeat(129) }],
    ['an unknown policy', { token, policy: 'eager' }],
    ['the policy of the demo, whose gaps are too short for a real vendor', { token, policy: 'demo' }],
    ['returnImage 3', { token, returnImage: 3 }],
    ['17 attributes', { token, attributes: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`n${index}`, 'v'])) }],
    ['an attribute that is no string', { token, attributes: { tenant: 1 } }],
    ['the token in an attribute', { token, attributes: { ref: `x-${token}` } }],
    ['the token as an attribute name', { token, attributes: { [token]: 'x' } }],
    ['the token as bizNo', { token, bizNo: token }],
    ['a short token repeated as bizNo', { token: 'abc', bizNo: 'abc' }],
    ['an array', []],
    ['a string', 'token'],
    ['null', null],
  ])('refuses %s', (_what, input) => {
    expect(parseRequest(input)).toMatchObject({ ok: false });
  });

  it('counts bytes, not characters: 512 bytes of UTF-8 are fine', () => {
    expect(parseRequest({ token: `${'✓'.repeat(170)}ab` }).ok).toBe(true);
  });

  it('never quotes a value or a sender-chosen key in its problems', () => {
    const secret = 'SECRETVALUE0123456789';
    const inputs = [
      { token: `${secret} x` },
      { token: secret, attributes: { [`${secret}\u0000`]: 'x' } },
      { token: secret, attributes: { [secret]: 9 } },
      { token, bizNo: [secret], policy: secret, issuedAt: secret, comparisons: [`${secret}!`], returnImage: secret },
    ];
    for (const input of inputs) {
      const parsed = parseRequest(input);
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain(secret);
    }
  });

  it('is total: any JSON is either accepted or refused with a reason', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        const parsed = parseRequest(input);
        return parsed.ok || parsed.problems.length > 0;
      }),
    );
  });
});
