import { randomBytes } from 'node:crypto';
import { EvidenceUnreadableError } from '../contracts/errors.ts';
import { BOX_BYTES, KEY_BYTES, opened, sealed } from '../temporal/aes-gcm.ts';

/** A key-encryption key, 32 bytes. The id is public. */
export type EvidenceKey = { readonly id: string; readonly key: Uint8Array };

/** The keys of the moment; the first one wraps, all unwrap. */
export type EvidenceKeys = {
  current(): readonly EvidenceKey[];
  /** Looks for newer ones, where one is missing. */
  refresh?(): void;
};

/** A data key that only a key-encryption key gives back. */
export type WrappedKey = { readonly keyId: string; readonly wrapped: string };

export function newDataKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** Under the first key, for this verification and nothing else. */
export function wrapKey(dataKey: Uint8Array, { verificationId, keys }: Wrapping): WrappedKey {
  const [first] = keys.current();
  if (first === undefined) throw new Error('no evidence key is configured');
  const wrapped = sealed(first.key, { clear: dataKey, boundTo: purposeOf(verificationId, first.id) });
  return { keyId: first.id, wrapped: wrapped.toString('base64') };
}

/** @throws EvidenceUnreadableError */
export function unwrapKey({ keyId, wrapped }: WrappedKey, { verificationId, keys }: Wrapping): Uint8Array {
  const key = findKey(keyId, keys);
  if (key === undefined)
    throw new EvidenceUnreadableError(
      `the evidence of ${verificationId} is locked with the key "${keyId}", which VF_EVIDENCE_KEYS does not hold: add it after the first one`,
    );
  const box = Buffer.from(wrapped, 'base64');
  if (box.length !== KEY_BYTES + BOX_BYTES) throw broken(verificationId, 'its length is wrong');
  const dataKey = opened(key.key, { box, boundTo: purposeOf(verificationId, keyId) });
  if (dataKey === undefined)
    throw broken(
      verificationId,
      `it was altered, belongs to another verification, or VF_EVIDENCE_KEYS holds another key of the id "${keyId}"`,
    );
  return dataKey;
}

type Wrapping = { readonly verificationId: string; readonly keys: EvidenceKeys };

function findKey(keyId: string, keys: EvidenceKeys): EvidenceKey | undefined {
  const find = (): EvidenceKey | undefined => keys.current().find(({ id }) => id === keyId);
  const known = find();
  if (known !== undefined) return known;
  keys.refresh?.();
  return find();
}

function broken(verificationId: string, why: string): EvidenceUnreadableError {
  return new EvidenceUnreadableError(`the key record of ${verificationId} cannot be opened: ${why}`);
}

function purposeOf(verificationId: string, keyId: string): string {
  return `verdictflow:data-key:v1\n${keyId}\n${verificationId}`;
}
