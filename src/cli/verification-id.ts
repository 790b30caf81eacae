import { defined } from '../domain/defined.ts';
import { UsageError } from '../operator/errors.ts';
import { verificationOf } from '../operator/verification-id.ts';
import type { CliIo } from './io.ts';

/** The verification id of the argument, or of the token on standard input (`--token -`). */
export async function readVerificationId(
  given: { readonly id?: string | undefined; readonly token?: string | undefined },
  io: CliIo,
): Promise<string> {
  assertTokenOnStdin(given.token);
  const token = given.token === undefined ? undefined : await io.readStdin();
  return verificationOf(defined({ id: given.id, token }));
}

export function assertTokenOnStdin(token: string | undefined): void {
  if (token === undefined || token === '-') return;
  throw new UsageError(
    '--token: a token on the command line is visible to every user of the machine; write --token - and give it on standard input',
  );
}
