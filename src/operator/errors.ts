import { EXIT_CODES, ForeseenError, systemCode } from '../contracts/errors.ts';

/** The command line was used wrongly; the message says how to write it. */
export class UsageError extends ForeseenError {
  override readonly name = 'UsageError';
  readonly exitCode = EXIT_CODES.usage;
}

/** The `UsageError` for a file that cannot be read, or written; any other error as it is. */
export function fileProblem(path: string, error: unknown, { option = '--file', verb = 'read' } = {}): unknown {
  const code = systemCode(error);
  return code === undefined ? error : new UsageError(`${option}: ${path} cannot be ${verb} (${code})`, { cause: error });
}
