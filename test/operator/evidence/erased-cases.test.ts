import { describe, expect, it } from 'vitest';
import { tellingErased } from '../../../src/operator/evidence/erased-cases.ts';
import type { EvidenceState } from '../../../src/operator/evidence/ports.ts';
import { EvidenceUnreadableError } from '../../../src/contracts/errors.ts';
import { SWEEPER } from '../../../src/contracts/mandate.ts';

const AT = '2026-01-31T12:00:00Z';

describe('a case for a replay or a decision', () => {
  it.each<[string, EvidenceState, string]>([
    ['erased at the word of somebody is none', { kind: 'ERASED', erasedAt: AT, by: { operator: 'jane', reason: 'asks for it' } }, 'ERASED'],
    ['that has expired is one', { kind: 'ERASED', erasedAt: AT, by: SWEEPER }, 'RUNNING'],
    ['that is kept is one', { kind: 'KEPT', createdAt: AT, expiresAt: AT, keyId: 'e1' }, 'RUNNING'],
    ['of which nothing was kept is one', { kind: 'NOTHING' }, 'RUNNING'],
  ])('%s', async (_what, state, kind) => {
    const cases = { load: async () => await Promise.resolve({ kind: 'RUNNING' } as const) };
    const telling = tellingErased(cases, { state: async () => await Promise.resolve(state) });
    expect(await telling.load('a'.repeat(26))).toMatchObject({ kind });
  });

  it('of which nobody can say whether it was erased is refused, with what to mend', async () => {
    const cases = { load: async () => await Promise.resolve({ kind: 'RUNNING' } as const) };
    const state: EvidenceState = { kind: 'UNREADABLE', why: 'VF_EVIDENCE_KEY_STORE: keys/x.json is no key record' };
    const telling = tellingErased(cases, { state: async () => await Promise.resolve(state) });
    await expect(telling.load('a'.repeat(26))).rejects.toThrow(EvidenceUnreadableError);
  });
});
