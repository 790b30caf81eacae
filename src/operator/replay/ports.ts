import type { VerificationInput, VerificationResult } from '../../contracts/workflow.ts';
import type { ReplayOrder } from '../../domain/ledger/asking-run.ts';
import type { Ledger } from '../../domain/ledger/ledger.ts';
import type { Revision } from '../../domain/ledger/revisions.ts';
import type { LedgerDoubt } from '../../domain/reading/report.ts';
import type { PlanLine } from './plan-line.ts';

/** Everything a replay is planned by. */
export type ReplayCase =
  | { readonly kind: 'NOT_FOUND' }
  | { readonly kind: 'RUNNING' }
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
  start(input: VerificationInput, options: { readonly callsSpent: number }): Promise<StartedReplay | 'RUNNING'>;
  /** The run that this very order started, if it did: for an order whose acknowledgement was lost. */
  find(verificationId: string, requestedAt: string): Promise<StartedReplay | undefined>;
  /** Its result once it has one. Undefined: it ended without one, or `signal` fired. GONE: nobody remembers the run. */
  result(
    verificationId: string,
    options: { readonly runId: string; readonly signal: AbortSignal },
  ): Promise<VerificationResult | 'GONE' | undefined>;
};

/** Who replays and why; the same for every verification of one command. */
export type ReplayMandate = Pick<ReplayOrder, 'operator' | 'reason' | 'ticket'>;

/** What is known of one verification of the command; each line survives a crash before the next step is taken. */
export type ReplayStep =
  | { readonly kind: 'PLANNED'; readonly line: PlanLine }
  /** `line`: the plan as it was made again just before. */
  | { readonly kind: 'STARTING'; readonly verificationId: string; readonly requestedAt: string; readonly line: PlanLine }
  | ({ readonly kind: 'STARTED'; readonly verificationId: string } & StartedReplay)
  | { readonly kind: 'DONE'; readonly verificationId: string }
  /** Started, but its audit record is refused for ever. */
  | { readonly kind: 'UNAUDITED'; readonly verificationId: string; readonly why: string }
  | { readonly kind: 'SKIPPED'; readonly verificationId: string; readonly why: string };

/** Resolves once the step is durable. */
export type ReplayJournal = { append(step: ReplayStep): Promise<void> };
