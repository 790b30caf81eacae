/** What the command line touches of the outside; tests give their own. */
export type CliIo = {
  readonly env: NodeJS.ProcessEnv;
  /** Results. One JSON document with `--json`. */
  stdout(text: string): void;
  /** Problems, progress, hints for people. */
  stderr(text: string): void;
  readStdin(): Promise<string>;
  readFile(path: string): Promise<string>;
  /** True if standard input is a terminal: nothing will come from there by itself. */
  readonly stdinIsTerminal: boolean;
  /** True if standard error is a terminal: a progress bar makes sense. */
  readonly interactive: boolean;
  now(): number;
  sleep(durationMs: number): Promise<void>;
};
