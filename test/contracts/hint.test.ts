import { describe, expect, it } from 'vitest';
import { parseHint } from '../../src/contracts/wire/hint.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';

const token = 'tok-1';
const verificationId = verificationIdOf(token);

describe('parseHint', () => {
  it.each([
    ['a token', { token, kind: 'SESSION_ENDED' }],
    ['a verification id', { verificationId, kind: 'SESSION_FAILED', trusted: true }],
    ['both, if they belong together', { token, verificationId, kind: 'SESSION_ENDED' }],
  ])('accepts %s', (_what, input) => {
    expect(parseHint({ ...input, extra: 1 })).toEqual({ ok: true, value: input });
  });

  it.each([
    ['neither token nor id', { kind: 'SESSION_ENDED' }],
    ['token and id that do not belong together', { token: 'other', verificationId, kind: 'SESSION_ENDED' }],
    ['an unknown kind', { token, kind: 'SESSION_BEGUN' }],
    ['trusted as text', { token, kind: 'SESSION_ENDED', trusted: 'yes' }],
    ['an id of another form', { verificationId: 'fv-x', kind: 'SESSION_ENDED' }],
  ])('refuses %s', (_what, input) => {
    expect(parseHint(input)).toMatchObject({ ok: false });
  });
});
