import { EXIT_CODES, ForeseenError, systemCode } from '../contracts/errors.ts';

/** The command line was used wrongly; the message says how to write it. */
export class UsageError extends ForeseenError {
  override readonly name = 'UsageError';
  readonly exitCode = EXIT_CODES.usage;
}

/** The `UsageError` for a file that cannot be read; any other error as it is. */
export function fileProblem(path: string, error: unknown): unknown {
  const code = systemCode(error);
  return code === undefined ? error : new UsageError(`--file: ${path} cannot be read (${code})`, { cause: error });
}
