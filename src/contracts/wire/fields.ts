import { z } from 'zod';

const MAX_TOKEN_BYTES = 512;
/** `\p{Cs}`: a lone surrogate has no UTF-8 form, so two different tokens would hash to one identity. */
const TOKEN = /^[^\s\p{Cc}\p{Cs}]+$/u;
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u;

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

/** RFC 3339 with a zone. */
export function instantSchema(description: string): z.ZodISODateTime {
  return z.iso.datetime({ offset: true, error: 'must be an RFC 3339 instant with a zone' }).meta({ description });
}

/** Text without control characters, `max` UTF-16 units long at most. */
export function textSchema(max: number, description: string): z.ZodString {
  return z.string().min(1).max(max).regex(PRINTABLE, { error: 'must not contain control characters' }).meta({ description });
}

export const verificationIdSchema = z
  .string()
  .regex(/^[a-z2-7]{26}$/, { error: 'must be 26 characters of lower-case base32' })
  .meta({ description: 'First 26 characters of lower-case base32 of SHA-256("verdictflow:v1:" + token).' });
