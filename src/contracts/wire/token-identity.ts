import { createHash } from 'node:crypto';
import { z } from 'zod';
import { VERIFICATION_ID, verificationIdFromDigest, verificationPreimage } from '../../domain/ids.ts';

const MAX_TOKEN_BYTES = 512;
/** `\p{Cs}`: a lone surrogate has no UTF-8 form, so two different tokens would hash to one identity. */
const TOKEN = /^[^\s\p{Cc}\p{Cs}]+$/u;

/** The vendor's single-use token. Secret. */
export const tokenSchema = z
  .string()
  .min(1)
  .max(MAX_TOKEN_BYTES)
  .regex(TOKEN, { error: 'must not contain white space, control characters or lone surrogates' })
  .refine((token) => new TextEncoder().encode(token).length <= MAX_TOKEN_BYTES, {
    error: `must be at most ${MAX_TOKEN_BYTES} bytes of UTF-8`,
  })
  .meta({ description: 'The token from get_token: 1 to 512 bytes of UTF-8, no white space or control characters. Secret.' });

export const verificationIdSchema = z
  .string()
  .regex(VERIFICATION_ID, { error: 'must be 26 characters of lower-case base32' })
  .meta({ description: 'First 26 characters of lower-case base32 of SHA-256("verdictflow:v1:" + token).' });

/** The verification id of a token (26 characters). One-way: it may appear wherever the token may not. Frozen for ever. */
export function verificationIdOf(token: string): string {
  return verificationIdFromDigest(createHash('sha256').update(verificationPreimage(token), 'utf8').digest());
}

/** Short digest that tells whether two requests of one token differ. Contains nothing of the fields. */
export function fingerprintOf(fields: unknown): string {
  return createHash('sha256').update(JSON.stringify(fields), 'utf8').digest('base64url').slice(0, 16);
}
