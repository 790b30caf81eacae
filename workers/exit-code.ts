import { ConfigurationError, DependencyUnavailableError, EXIT_CODES } from '../src/contracts/errors.ts';
import { UsageError } from '../src/operator/errors.ts';

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** Compared by name: importing the class would load the Kafka client to say that a word was misspelt. */
function isMissingTopics(error: unknown): boolean {
  return error instanceof Error && error.name === 'MissingTopicsError';
}

/** Exit code of the error that ends a process or command (design §4). */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigurationError) return EXIT_CODES.configuration;
  if (error instanceof DependencyUnavailableError || isMissingTopics(error)) return EXIT_CODES.unavailable;
  return error instanceof UsageError ? EXIT_CODES.usage : EXIT_CODES.internal;
}

/** What a person reads: the message of a foreseen error; for a defect its first line, no stack. */
export function messageOf(error: unknown): string {
  if (exitCodeOf(error) !== EXIT_CODES.internal && error instanceof Error) return error.message;
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n', 1).join('')}` : 'unknown error';
  // The SDK's limit for workflow code, 5 s by the wall clock: whoever was frozen or starved exceeds it.
  if (what.includes('Script execution timed out')) return `${what}: this process was frozen or got no CPU; start it again, nothing is lost`;
  return `internal error (${what}); this is a defect of verdictflow`;
}
