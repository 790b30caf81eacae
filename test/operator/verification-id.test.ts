import { describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { verificationOf } from '../../src/operator/verification-id.ts';

const ID = verificationIdOf('tok-invented');

describe('naming a verification', () => {
  it('takes its id, its workflow id, or its token', () => {
    expect(verificationOf({ id: ID })).toBe(ID);
    expect(verificationOf({ id: `fv-${ID}` })).toBe(ID);
    expect(verificationOf({ token: ' tok-invented\n' })).toBe(ID);
  });

  it('never quotes what may be a token pasted by mistake', () => {
    expect(() => verificationOf({ id: 'tok-invented' })).toThrow(/no verification id/);
    expect(() => verificationOf({ id: 'tok-invented' })).not.toThrow(/invented/);
  });

  it('wants exactly one of them', () => {
    expect(() => verificationOf({})).toThrow(/either/);
    expect(() => verificationOf({ id: ID, token: 'x' })).toThrow(/either/);
    expect(() => verificationOf({ token: ' ' })).toThrow(/no token/);
  });
});
