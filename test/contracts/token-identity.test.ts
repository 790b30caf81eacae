import { describe, expect, it } from 'vitest';
import { fingerprintOf, verificationIdOf } from '../../src/contracts/wire/token-identity.ts';

describe('verificationIdOf', () => {
  // Computed with Python's hashlib and base64, not with the code under test.
  it.each([
    ['EXAMPLE-TOKEN-0001', 'dwo7f5duyy4bp6gv3yi5xvnkk2'],
    ['a', '4oguyzl3cmb7ku6z75hhe642xn'],
    ['tökén-✓', 'kykv6qx5k3tp3mugxwnh54hsjw'],
  ])('is frozen: %s', (token, id) => {
    expect(verificationIdOf(token)).toBe(id);
  });
});

describe('fingerprintOf', () => {
  it('differs when a field differs and holds nothing of the fields', () => {
    expect(fingerprintOf({ bizNo: 'order-1' })).not.toBe(fingerprintOf({ bizNo: 'order-2' }));
    expect(fingerprintOf({ bizNo: 'order-1' })).toMatch(/^[\w-]{16}$/);
  });
});
