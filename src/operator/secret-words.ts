import { verificationIdOf } from '../contracts/wire/token-identity.ts';
import { UsageError } from './errors.ts';
import type { ReplayMandate } from './replay/ports.ts';

/** Refuses a verification whose token stands in what people wrote: it would be published. */
export type AssertNoToken = (verificationId: string) => void;

/**
 * Who, why and ticket go to outcomes, audit records and the Temporal UI. A token cannot be told from other words, but one of
 * the verifications that they are about can. @returns what throws `UsageError`, without the word.
 */
export function createTokenCheck({ operator, reason, ticket = '', ...more }: ReplayMandate): AssertNoToken {
  const texts = [operator, reason, ticket, more.ruling?.reviewer ?? ''];
  const words = texts.flatMap((text) => [...text.split(/\s+/), ...text.split(/[\s"'`=:,;()<>[\]{}]+/)]);
  const bare = words.map((word) => word.replaceAll(/^[^\w]+|[^\w]+$/g, ''));
  const ids = new Set([...words, ...bare].map(verificationIdOf));
  return (verificationId) => {
    if (!ids.has(verificationId)) return;
    throw new UsageError(`the token of ${verificationId} stands in --reason or beside it, which is published: leave it out`);
  };
}
