import { z } from 'zod';
import { HINT_KINDS } from '../../domain/state.ts';
import { type Parsed, parseWith } from './parsed.ts';
import { tokenSchema, verificationIdOf, verificationIdSchema } from './token-identity.ts';

/** A message that a session has ended. It names the token or its verification. */
export const hintSchema = z
  .object({
    token: tokenSchema.exactOptional(),
    verificationId: verificationIdSchema.exactOptional(),
    kind: z.enum(HINT_KINDS),
    trusted: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Only a trusted hint may use the last read. Taken as false unless VF_TRUST_HINTS is true. Default false.' }),
  })
  .refine(({ token, verificationId }) => token !== undefined || verificationId !== undefined, {
    error: 'one of token and verificationId is required',
    path: ['verificationId'],
  })
  .refine(
    ({ token, verificationId }) => token === undefined || verificationId === undefined || verificationIdOf(token) === verificationId,
    { error: 'must be the verification of the token given with it', path: ['verificationId'] },
  )
  .meta({ title: 'SessionHint', description: 'Tells that a session has ended, so that its result can be read sooner. It only advises.' });

export type SessionHint = z.infer<typeof hintSchema>;

/** @returns the hint, or the rules it breaks, without its values. */
export function parseHint(input: unknown): Parsed<SessionHint> {
  return parseWith(hintSchema, input);
}
