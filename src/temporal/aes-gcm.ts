import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const KEY_BYTES = 32;
/** Ids are not secret: they stand beside what was sealed, so that keys can be rotated. */
export const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

/** One AES-256 key under its id. */
export type SealingKey = { readonly id: string; readonly key: Buffer };

/** So many bytes longer is a box than what it holds. */
export const BOX_BYTES = NONCE_BYTES + TAG_BYTES;

/** Authenticated with it, and not part of it: whose it is. */
type Bound = { readonly boundTo: string | Uint8Array };

/** A box, `nonce(12) | ciphertext | tag(16)`; opens only with the same key and the same `boundTo`. The nonce is random. */
export function sealed(key: Uint8Array, order: { readonly clear: Uint8Array } & Bound): Buffer {
  return Buffer.concat(sealedParts(key, order));
}

/** The parts of a box, for whoever puts something large together but once. */
export function sealedParts(key: Uint8Array, { clear, boundTo }: { readonly clear: Uint8Array } & Bound): readonly Buffer[] {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(Buffer.from(boundTo));
  return [nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()];
}

/** Undefined: too short, altered, bound to something else, or sealed with another key. Node's own error says no more than that. */
export function opened(key: Uint8Array, { box, boundTo }: { readonly box: Uint8Array } & Bound): Buffer | undefined {
  if (box.length < BOX_BYTES) return undefined;
  const opener = createDecipheriv(CIPHER, key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  opener.setAAD(Buffer.from(boundTo));
  opener.setAuthTag(box.subarray(box.length - TAG_BYTES));
  const clear = opener.update(box.subarray(NONCE_BYTES, box.length - TAG_BYTES));
  try {
    // Nothing is left to come; it tells whether the tag fits.
    opener.final();
    return clear;
  } catch {
    return undefined;
  }
}
