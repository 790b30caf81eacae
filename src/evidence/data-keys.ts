import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EvidenceUnreadableError } from '../contracts/errors.ts';

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

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function newDataKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** Under the first key, for this verification and nothing else. */
export function wrapKey(dataKey: Uint8Array, { verificationId, keys }: Wrapping): WrappedKey {
  const [first] = keys.current();
  if (first === undefined) throw new Error('no evidence key is configured');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', first.key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(purposeOf(verificationId, first.id));
  const wrapped = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  return { keyId: first.id, wrapped: wrapped.toString('base64') };
}

/** @throws EvidenceUnreadableError */
export function unwrapKey({ keyId, wrapped }: WrappedKey, { verificationId, keys }: Wrapping): Uint8Array {
  const key = findKey(keyId, keys);
  if (key === undefined)
    throw new EvidenceUnreadableError(
      `the evidence of ${verificationId} is locked with the key "${keyId}", which VF_EVIDENCE_KEYS does not hold: add it after the first one`,
    );
  const bytes = Buffer.from(wrapped, 'base64');
  const end = bytes.length - TAG_BYTES;
  if (end !== NONCE_BYTES + KEY_BYTES) throw broken(verificationId, 'its length is wrong');
  const decipher = createDecipheriv('aes-256-gcm', key.key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(purposeOf(verificationId, keyId));
  decipher.setAuthTag(bytes.subarray(end));
  const dataKey = decipher.update(bytes.subarray(NONCE_BYTES, end));
  try {
    decipher.final();
  } catch {
    // Node's own error says nothing more, and may hold buffers.
    throw broken(
      verificationId,
      `it was altered, belongs to another verification, or VF_EVIDENCE_KEYS holds another key of the id "${keyId}"`,
    );
  }
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

function purposeOf(verificationId: string, keyId: string): Buffer {
  return Buffer.from(`verdictflow:data-key:v1\n${keyId}\n${verificationId}`, 'utf8');
}
