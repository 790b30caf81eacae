import type { Config } from '../../config/config.ts';
import type { CliContext } from '../context.ts';
import type { JournalFile } from '../io.ts';
import type { RunOptions } from './options.ts';

/** One call of `replay run`. */
export type Command = { readonly ids: readonly string[]; readonly options: RunOptions; readonly context: CliContext };

/** The same with what it works on; `signal` fires when it is to stop. */
export type Running = Command & {
  readonly config: Config;
  readonly file: JournalFile;
  readonly path: string;
  readonly signal: AbortSignal;
};
