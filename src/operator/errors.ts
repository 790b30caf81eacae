import { EXIT_CODES, ForeseenError } from '../contracts/errors.ts';

/** The command line was used wrongly; the message says how to write it. */
export class UsageError extends ForeseenError {
  override readonly name = 'UsageError';
  readonly exitCode = EXIT_CODES.usage;
}
