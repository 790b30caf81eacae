import { describe, expect, it, vi } from 'vitest';
import { newDataKey, unwrapKey, wrapKey } from '../../src/evidence/data-keys.ts';
import { ID } from './rig.ts';

const OLD = { id: '2025', key: Buffer.alloc(32, 1) };
const NEW = { id: '2026', key: Buffer.alloc(32, 2) };
const having = (...keys: (typeof OLD)[]) => ({ verificationId: ID, keys: { current: () => keys } });

describe('a data key', () => {
  it('is wrapped by the first key and given back by any that is configured', () => {
    const dataKey = newDataKey();
    const wrapped = wrapKey(dataKey, having(NEW, OLD));
    expect(wrapped.keyId).toBe('2026');
    expect(Buffer.from(unwrapKey(wrapped, having(OLD, NEW)))).toEqual(Buffer.from(dataKey));
    expect(Buffer.from(wrapped.wrapped, 'base64').includes(Buffer.from(dataKey))).toBe(false);
  });

  it('names the key that is missing, and looks for it in newer files first', () => {
    const wrapped = wrapKey(newDataKey(), having(OLD));
    expect(() => unwrapKey(wrapped, having(NEW))).toThrow(/"2025", which VF_EVIDENCE_KEYS does not hold/);
    let keys = [NEW];
    const refresh = vi.fn(() => (keys = [NEW, OLD]));
    expect(unwrapKey(wrapped, { verificationId: ID, keys: { current: () => keys, refresh } })).toHaveLength(32);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is not given to another verification, nor under other bytes of the same key id, nor altered anywhere', () => {
    const wrapped = wrapKey(newDataKey(), having(OLD));
    expect(() => unwrapKey(wrapped, { ...having(OLD), verificationId: ID.replace('a', 'b') })).toThrow(/another verification/);
    expect(() => unwrapKey(wrapped, having({ id: '2025', key: Buffer.alloc(32, 9) }))).toThrow(/another key of the id "2025"/);
    const bytes = Buffer.from(wrapped.wrapped, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unwrapKey({ ...wrapped, wrapped: altered.toString('base64') }, having(OLD)), `bit ${bit}`).toThrow(/cannot be opened/);
    }
    expect(() => unwrapKey({ ...wrapped, wrapped: '' }, having(OLD))).toThrow(/its length is wrong/);
  });
});
