import { createHash } from 'node:crypto';
import { verificationIdFromDigest, verificationPreimage } from '../../domain/ids.ts';

/** The verification id of a token (26 characters). One-way: it may appear wherever the token may not. Frozen for ever. */
export function verificationIdOf(token: string): string {
  return verificationIdFromDigest(createHash('sha256').update(verificationPreimage(token), 'utf8').digest());
}

/** Short digest that tells whether two requests of one token differ. Contains nothing of the fields. */
export function fingerprintOf(fields: unknown): string {
  return createHash('sha256').update(JSON.stringify(fields), 'utf8').digest('base64url').slice(0, 16);
}
