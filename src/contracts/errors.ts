/**
 * A dependency (Kafka, Temporal) did not confirm. The work may or may not have happened: repeat it under the same
 * identity. Contains no record content.
 */
export class DependencyUnavailableError extends Error {
  override readonly name = 'DependencyUnavailableError';
  readonly dependency: 'kafka' | 'temporal';

  constructor(dependency: 'kafka' | 'temporal', what: string, options?: { cause?: unknown }) {
    super(`${dependency} unavailable: ${what}`, options);
    this.dependency = dependency;
  }
}

/** The brokers refuse this one record for ever, whoever sends it. Other records are not affected. Contains no record content. */
export class RecordRefusedError extends Error {
  override readonly name = 'RecordRefusedError';
}

/** Temporal refuses this one start for ever, e.g. because it is too big. Other starts are not affected. Contains no record content. */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError';
}

/** Settings that cannot work. Lists every problem at once, each with its remedy; maps to exit code 78. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`${problems.length} configuration problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Exit codes of every process and command (design §4). */
export const EXIT_CODES = { ok: 0, negative: 1, usage: 64, unavailable: 69, internal: 70, configuration: 78 } as const;

/** The system's short name of an error, e.g. ECONNREFUSED; undefined if it has none. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `within 10 s`, and the setting to change if one gave the limit, for errors about waits that were in vain. */
export function withinText(limitMs: number, setting: string | undefined): string {
  return `within ${limitMs / 1_000} s${setting === undefined ? '' : ` (${setting})`}`;
}
