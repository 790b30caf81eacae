/** Exit codes of every process and command, as the command line's help states them. */
export const EXIT_CODES = { ok: 0, negative: 1, usage: 64, unavailable: 69, internal: 70, configuration: 78 } as const;

type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/**
 * An error that somebody can do something about: its message tells what, so a process or command that it ends prints that and
 * nothing else, and ends with its code. Every other error is a defect. The one base class of the project: which code belongs
 * to an error is then said where the error is defined, and asking costs no import of it.
 */
export abstract class ForeseenError extends Error {
  abstract readonly exitCode: ExitCode;
}

/** The code that a process or command ends with after this error. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof ForeseenError ? error.exitCode : EXIT_CODES.internal;
}

/** What a person reads of the error that ended a process or command; of a defect its first line, no stack. */
export function messageOf(error: unknown): string {
  if (error instanceof ForeseenError) return error.message;
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n', 1).join('')}` : 'unknown error';
  // Of the watch over the thread of the workflows: where that thread gets no processor time, nothing is wrong with the code.
  if (what.includes('workflow code has run')) return `${what}; give it CPU and start it again, nothing is lost`;
  return `internal error (${what}); this is a defect of verdictflow`;
}

/** What may be told of any error, also of one whose message could quote something. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

export type Dependency = 'kafka' | 'temporal' | 'evidence';

/**
 * A dependency (Kafka, Temporal, the stores of evidence) did not confirm. The work may or may not have happened: repeat it under the same
 * identity. Contains no record content.
 */
export class DependencyUnavailableError extends ForeseenError {
  override readonly name = 'DependencyUnavailableError';
  readonly exitCode = EXIT_CODES.unavailable;
  readonly dependency: Dependency;

  constructor(dependency: Dependency, what: string, options?: { cause?: unknown }) {
    super(`${dependency} unavailable: ${what}`, options);
    this.dependency = dependency;
  }
}

/** What a role cannot run without is not there; each piece as `topic faceid.verification.hint.v1`. */
export function missingText(pieces: readonly string[]): string {
  return `missing: ${pieces.join(', ')}; run \`verdictflow setup\`, or set VF_AUTO_SETUP=true`;
}

/** The brokers refuse this one record for ever, whoever sends it. Other records are not affected. Contains no record content. */
export class RecordRefusedError extends ForeseenError {
  override readonly name = 'RecordRefusedError';
  readonly exitCode = EXIT_CODES.negative;
}

/**
 * Temporal refuses this start and would again: because it is too big, or because of what every start holds, such as the task
 * queue. Which of the two, only other starts tell. Contains no record content.
 */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError';
}

/** Settings that cannot work. Lists every problem at once, each with its remedy. */
export class ConfigurationError extends ForeseenError {
  override readonly name = 'ConfigurationError';
  readonly exitCode = EXIT_CODES.configuration;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`${problems.length} configuration problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * A kept object cannot be opened: truncated, altered, put in the place of another, or its key is not there. Says which object and why,
 * and holds nothing of what is in it.
 */
export class EvidenceUnreadableError extends ForeseenError {
  override readonly name = 'EvidenceUnreadableError';
  readonly exitCode = EXIT_CODES.negative;
}

/** The server does not understand a condition that a person wrote; the message repeats what it says, so that they can mend it. */
export class QueryRefusedError extends ForeseenError {
  override readonly name = 'QueryRefusedError';
  readonly exitCode = EXIT_CODES.usage;
}

/** The system's short name of an error, e.g. ECONNREFUSED; undefined if it has none. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
