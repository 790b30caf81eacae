/** The command line was used wrongly; the message says how to write it. Maps to exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
