import type { JournalFile } from '../operator/replay/ports.ts';

/** What the command line touches of the outside; tests give their own. */
export type CliIo = {
  readonly env: NodeJS.ProcessEnv;
  /** Results. One JSON document with `--json`. */
  stdout(text: string): void;
  /** Problems, progress, hints for people. */
  stderr(text: string): void;
  readStdin(): Promise<string>;
  readFile(path: string): Promise<string>;
  /** For its owner alone to read. Rejects if it cannot be written. */
  writeFile(path: string, content: string): Promise<void>;
  /**
   * Keeps bytes in a file of their own for its owner alone: all of them or none. Rejects with EEXIST where something is, unless
   * `overwrite`; what was there is then replaced, not written into.
   */
  keepFile(path: string, content: { readonly bytes: Uint8Array; readonly overwrite: boolean }): Promise<void>;
  /** What is there; `OTHER` for what is neither file nor folder, such as a terminal, and for any name of standard output. */
  placeAt(path: string): Promise<'FILE' | 'FOLDER' | 'OTHER' | undefined>;
  /** Lines as they come, for inputs of any length; `-` is standard input. Rejects if the file cannot be read. */
  lines(path: string): AsyncIterable<string>;
  /** The journal of a replay, kept at this path. */
  journal(path: string): JournalFile;
  /** Asks a person; true only for a plain yes. */
  confirm(question: string): Promise<boolean>;
  /** From now on the first SIGINT or SIGTERM fires the signal instead of ending the process; a second one ends it. */
  interruption(): AbortSignal;
  /** True if standard input is a terminal: nothing will come from there by itself. */
  readonly stdinIsTerminal: boolean;
  /** True if standard error is a terminal: a progress bar makes sense. */
  readonly interactive: boolean;
  /** Width of that terminal. */
  columns(): number;
  /** Standard output as a terminal that can be redrawn; undefined if it is none. */
  screen(): { readonly columns: number; readonly rows: number } | undefined;
  /** True for a file that says the same when it is read again; false for a pipe, or if there is none. */
  isRepeatable(path: string): Promise<boolean>;
  now(): number;
  /** For measuring: a corrected clock does not move it. */
  monotonicMs(): number;
  /** Ends early, without an error, when `signal` fires. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
};
