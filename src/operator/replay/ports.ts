import type { VerificationInput, VerificationResult } from '../../contracts/workflow.ts';
import type { Mandate } from '../../contracts/mandate.ts';
import type { Ruling } from '../../domain/ledger/asking-run.ts';
import type { Ledger } from '../../domain/ledger/ledger.ts';
import type { Revision } from '../../domain/ledger/revisions.ts';
import type { LedgerDoubt } from '../../domain/reading/report.ts';

/** Everything a replay is planned by. */
export type ReplayCase =
  | { readonly kind: 'NOT_FOUND' }
  | { readonly kind: 'RUNNING' }
  /** Somebody ordered that its evidence be erased. */
  | { readonly kind: 'ERASED'; readonly at: string }
  | { readonly kind: 'UNKNOWN'; readonly doubt: LedgerDoubt }
  | KnownCase;

export type KnownCase = {
  readonly kind: 'KNOWN';
  /** That of the home run. */
  readonly input: VerificationInput;
  readonly ledger: Ledger;
  /** Its outcomes, emitted or at least begun, with the orders that brought them about; the last one counts. */
  readonly revisions: readonly Revision[];
  /** Nobody confirms that Kafka ever took the last one: the run that was to emit it did not complete. */
  readonly owed: boolean;
};

/** Rejects with `DependencyUnavailableError` when nobody can say. */
export type ReplayCases = { load(verificationId: string): Promise<ReplayCase> };

export type StartedReplay = { readonly runId: string; readonly startedAt: string };

export type ReplayRuns = {
  /** RUNNING: another run of the verification is open, so nothing was started. */
  start(input: VerificationInput, options: { readonly readsCounted: number }): Promise<StartedReplay | 'RUNNING'>;
  /** The run that this very order started, if it did: for an order whose acknowledgement was lost. */
  find(verificationId: string, requestedAt: string): Promise<StartedReplay | undefined>;
  /** Its result once it has one. Undefined: it ended without one, or `signal` fired. GONE: nobody remembers the run. */
  result(
    verificationId: string,
    options: { readonly runId: string; readonly signal: AbortSignal },
  ): Promise<VerificationResult | 'GONE' | undefined>;
};

/** What a person decides. `revision`: the one that was looked at. `override`: also where the outcome does not ask for it. */
export type RulingAsked = Pick<Ruling, 'verdict' | 'reviewer'> & { readonly override?: true; readonly revision?: number };

/** What a journal is worked off by. `ruling`: a person decides, else it is a replay. */
export type ReplayMandate = Mandate & { readonly ruling?: RulingAsked };

/** Where the ids of `--file` come from. */
export type IdFiles = {
  /** Lines as they come, for inputs of any length; `-` is standard input. Rejects if the file cannot be read. */
  lines(path: string): AsyncIterable<string>;
  /** True for a file that says the same when it is read again; false for a pipe, or if there is none. */
  isRepeatable(path: string): Promise<boolean>;
};

export type ReplayClock = {
  /** Epoch ms. */
  now(): number;
  /** For measuring: a corrected clock does not move it. */
  monotonicMs(): number;
  /** Ends early, without an error, when `signal` fires. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
};

/** Where the journal is kept: a file that is only ever appended to. */
export type JournalFile = {
  /** Keeps other processes of this machine away until `close`. Throws `UsageError` if one has it. */
  lock(): Promise<void>;
  /** Whole lines from the beginning; none if there is no such file. A last line that a crash cut off is left out. */
  lines(): AsyncIterable<string>;
  /** Forgets what is there. Throws `UsageError` if that does not begin as `beginning`: it is somebody else's. */
  clear(beginning: string): Promise<void>;
  /** Appends one line; with `durable` it resolves once the line survives a crash of the machine. */
  append(line: string, options: { readonly durable: boolean }): Promise<void>;
  close(): Promise<void>;
};
