/** Which option of the emulator cannot work. */
export type BadOption = 'scenario' | 'port' | 'adminPort' | 'host' | 'logPath';

/** The emulator cannot start with one of its options; the message says why and what to do about it. */
export class EmulatorOptionError extends Error {
  override readonly name = 'EmulatorOptionError';
  readonly option: BadOption;

  constructor(option: BadOption, what: string, options?: { cause?: unknown }) {
    super(what, options);
    this.option = option;
  }
}

/** The system's short name of an error, e.g. EADDRINUSE; undefined if it has none. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
