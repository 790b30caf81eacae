import { z } from 'zod';
import { REQUEST_PROFILES } from '../../domain/policy.ts';
import { instantSchema, type Parsed, parseWith, textSchema } from './parsed.ts';
import { tokenSchema } from './token-identity.ts';

const MAX_ATTRIBUTES = 16;
/** From this length on a token is taken for one wherever it occurs; shorter ones could be part of anything. */
const RECOGNIZABLE_TOKEN_LENGTH = 16;

/** A request for one verification. Unknown fields are kept out, not refused. */
export const requestSchema = z
  .object({
    token: tokenSchema,
    issuedAt: instantSchema(
      "When get_token was answered. Default: the record's timestamp, which must then be epoch milliseconds.",
    ).exactOptional(),
    tokenExpiresAt: instantSchema('When the token can no longer begin a session. Default: 60 minutes after issuedAt.').exactOptional(),
    sessionEndedAt: instantSchema('The user has finished: the first read is due 2 s after it, or now.').exactOptional(),
    bizNo: textSchema(
      128,
      "The caller's business number as given to get_token; a different one in the answer needs review.",
    ).exactOptional(),
    comparisons: z
      .array(z.string().regex(/^[A-Za-z0-9_]{1,64}$/, { error: 'must be 1 to 64 letters, digits or "_"' }))
      .max(16)
      .exactOptional()
      .meta({ description: "The vendor's names that must match, e.g. result_ref1. Default: every result_ref<n> returned, at least one." }),
    policy: z.enum(REQUEST_PROFILES).exactOptional().meta({ description: 'Profile that plans the reads. Default: VF_POLICY_PROFILE.' }),
    returnImage: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .exactOptional()
      .meta({
        description:
          'Images to ask the vendor for: 0 none, 1 the best, 2 the two best. Default: VF_RETURN_IMAGE. None is asked for where no evidence store is configured.',
      }),
    attributes: z
      .record(textSchema(64, 'Name.'), z.string().max(256))
      .refine((attributes) => Object.keys(attributes).length <= MAX_ATTRIBUTES, { error: `must have at most ${MAX_ATTRIBUTES} entries` })
      .exactOptional()
      .meta({ description: 'Copied to the outcome: at most 16 entries, names up to 64 and values up to 256 characters. Nothing secret.' }),
  })
  .refine(keepsTokenToItself, { error: 'the token must not occur in another field, because those are stored in clear', path: ['token'] })
  .refine(expiresAfterIssue, { error: 'must not be before issuedAt', path: ['tokenExpiresAt'] })
  .meta({ title: 'VerificationRequested', description: 'Asks for the verdict of one face-verification token.' });

export type VerificationRequest = z.infer<typeof requestSchema>;

/** @returns the request, or the rules it breaks, without its values. */
export function parseRequest(input: unknown): Parsed<VerificationRequest> {
  return parseWith(requestSchema, input);
}

/** True if `text` gives the token away; such text must not be stored in clear. */
export function givesTokenAway(text: string, token: string): boolean {
  return text === token || (token.length >= RECOGNIZABLE_TOKEN_LENGTH && text.includes(token));
}

type TokenAndClearText = { token: string; bizNo?: string; comparisons?: string[]; attributes?: Record<string, string> };

function keepsTokenToItself({ token, bizNo, comparisons = [], attributes = {} }: TokenAndClearText): boolean {
  const clearText = [bizNo ?? '', ...comparisons, ...Object.keys(attributes), ...Object.values(attributes)];
  return !clearText.some((text) => givesTokenAway(text, token));
}

function expiresAfterIssue({ issuedAt, tokenExpiresAt }: { issuedAt?: string; tokenExpiresAt?: string }): boolean {
  return issuedAt === undefined || tokenExpiresAt === undefined || Date.parse(tokenExpiresAt) >= Date.parse(issuedAt);
}
