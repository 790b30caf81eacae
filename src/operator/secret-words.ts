import { verificationIdOf } from '../contracts/wire/token-identity.ts';
import { UsageError } from './errors.ts';
import type { ReplayMandate } from './replay/ports.ts';

/** Refuses a verification whose token stands in what people wrote: it would be published. */
export type AssertNoToken = (verificationId: string | undefined) => Promise<void>;

/**
 * Who, why and ticket go to outcomes, audit records and the Temporal UI. A token cannot be told from other words, but one of
 * the verifications that they are about can, wherever it stands in a text. `forget`: takes them out of
 * where they stand already.
 * @returns what rejects with `UsageError`, without the word.
 */
export function createTokenCheck(
  { operator, reason, ticket = '', ruling }: ReplayMandate,
  { forget }: { readonly forget?: () => Promise<void> } = {},
): AssertNoToken {
  // No token holds white space.
  const words = [operator, reason, ticket, ruling?.reviewer ?? ''].flatMap((text) => text.split(/\s+/));
  const ids = new Set(words.flatMap(partsOf).map(verificationIdOf));
  return async (verificationId) => {
    if (verificationId === undefined || !ids.has(verificationId)) return;
    await forget?.();
    throw new UsageError(`the token of ${verificationId} stands in --reason or beside it, which is published: leave it out`);
  };
}

/** Every text within the word: a token may have any character of a sentence in it, and any before and after it. */
function partsOf(word: string): readonly string[] {
  const starts = Array.from({ length: word.length }, (_, start) => start);
  return starts.flatMap((start) => starts.slice(start).map((last) => word.slice(start, last + 1)));
}
