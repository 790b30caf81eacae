import { createHmac, hkdfSync } from 'node:crypto';

/** Frozen: another text makes other keys, and what was started before is no longer found. */
const PURPOSE = 'verdictflow:v1:biz-key';
const KEY_BYTES = 32;

/**
 * What stands for a business number in search attributes, one for each sealing key: HMAC-SHA-256 under a key derived from
 * it (HKDF), so that neither says anything about the other. The first is written; a rotation later, all are searched for
 * (ADR 0020).
 */
export function bizKeys(bizNo: string, sealingKeys: readonly Buffer[]): readonly string[] {
  return sealingKeys.map((sealingKey) => {
    const key = Buffer.from(hkdfSync('sha256', sealingKey, Buffer.alloc(0), PURPOSE, KEY_BYTES));
    return createHmac('sha256', key).update(bizNo, 'utf8').digest('base64url');
  });
}
