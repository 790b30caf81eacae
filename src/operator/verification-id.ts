import { verificationIdOf } from '../contracts/wire/token-identity.ts';
import { isVerificationId, withoutPrefix } from '../domain/ids.ts';
import { UsageError } from './errors.ts';

/**
 * The verification that a person means: its id, its workflow id, or the token from standard input. Throws `UsageError`
 * without quoting the text, which might be a token that was pasted by mistake.
 */
export function verificationOf(reference: { readonly id?: string; readonly token?: string }): string {
  if ((reference.id === undefined) === (reference.token === undefined)) {
    throw new UsageError('give either a verification id, or --token - and the token on standard input');
  }
  if (reference.token !== undefined) {
    const token = reference.token.trim();
    if (token === '') throw new UsageError('--token -: standard input holds no token');
    return verificationIdOf(token);
  }
  const id = idIn(reference.id ?? '');
  if (id === undefined) {
    throw new UsageError('this is no verification id (26 characters a–z, 2–7, with or without fv-); for a token use --token -');
  }
  return id;
}

/** The verification id in a text that is one, or a workflow id; undefined if it is neither. */
export function idIn(text: string): string | undefined {
  const id = withoutPrefix(text);
  return isVerificationId(id) ? id : undefined;
}
