import type { Dispatch } from '../../activities/quota-guard.ts';
import type {
  EmitOutcomeOrder,
  GetResultOrder,
  GrantedReadInput,
  GrantedRevisionInput,
  VerificationInput,
} from '../../src/contracts/workflow.ts';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import type { Hint, State } from '../../src/domain/state.ts';
import type { Next, PortAnswer } from './activities.ts';
import type { Vendor } from './vendor.ts';

// One state of the small world that the explorer walks through: what Temporal, the workers, the vendor and the outcome topic
// of one verification hold at one moment. Everything is immutable, so that states can share their parts.

/** What a history tells a workflow: an event that the server wrote and a workflow task deals with. */
export type Told =
  | { readonly kind: 'STARTED' }
  | { readonly kind: 'TIMER_FIRED' }
  | { readonly kind: 'HINTED'; readonly hint: Hint }
  | { readonly kind: 'CANCEL_REQUESTED' }
  | { readonly kind: 'READ_COMPLETED'; readonly activityId: string; readonly atMs: number; readonly answer: ReadReport | RecoveredReads }
  /** `neverTaken`: what the time-out proves, by the rule under test. */
  | { readonly kind: 'READ_TIMED_OUT'; readonly activityId: string; readonly atMs: number; readonly neverTaken: boolean }
  | { readonly kind: 'EMITTED'; readonly event?: OutcomeEvent }
  | { readonly kind: 'EMISSION_RECOVERED'; readonly answer: RecoveredReads }
  | { readonly kind: 'EMISSION_STOPPED' }
  | { readonly kind: 'HOME_GONE' };

/** What a workflow task orders; at most one thing, because the workflow does one thing at a time. */
export type Ordered =
  | { readonly kind: 'READ'; readonly activityId: string; readonly order: GetResultOrder }
  /** `atOnce`: what became of the emission from this very task; postponed, an ordinary activity follows. */
  | { readonly kind: 'EMIT'; readonly activityId: string; readonly order: EmitOutcomeOrder; readonly atOnce?: 'PUBLISHED' | 'POSTPONED' }
  | { readonly kind: 'TIMER'; readonly untilMs: number };

/** What a run knows and waits for between two workflow tasks. `activities`: how many it has scheduled so far. */
export type Standing = { readonly state: State; readonly awaits?: Ordered; readonly activities: number };

/** One workflow task of a history. `before`: where the run stood, for a reset to this task. */
export type Task = {
  readonly told: readonly Told[];
  readonly atMs: number;
  readonly ordered?: Ordered;
  readonly before: Standing;
};

/**
 * The activity a run waits for, as the server knows it. `taken`: a worker has it. `dispatched`: since when, which differs from
 * `scheduledAtMs` once it was dispatched again. `failedBefore`: a schedule-to-start time-out would carry an earlier failure.
 */
export type Pending = {
  readonly ordered: Exclude<Ordered, { kind: 'TIMER' }>;
  readonly scheduledAtMs: number;
  readonly dispatchedAtMs: number;
  readonly attempt: number;
  readonly taken: boolean;
  readonly failedBefore: boolean;
};

export type Run = {
  readonly id: string;
  readonly workflowId: string;
  readonly originalRunId: string;
  /** Its memo carries the stamp of ingress. */
  readonly stamped: boolean;
  readonly input: VerificationInput;
  readonly status: 'OPEN' | 'COMPLETED' | 'FAILED' | 'TERMINATED';
  readonly tasks: readonly Task[];
  /** Events in its history that no workflow task has dealt with yet. */
  readonly inbox: readonly Told[];
  readonly standing: Standing;
  readonly pending?: Pending;
};

/**
 * An activity that a worker process is in the midst of. It goes on whatever the server thinks of it. `stale`: the server has
 * given it up (time-out, re-dispatch, end of its run) and will not take its answer any more.
 */
export type Work = {
  readonly runId: string;
  readonly ordered: Exclude<Ordered, { kind: 'TIMER' }>;
  readonly dispatch: Dispatch;
  readonly stale: boolean;
  /** Its worker lacks the key of the token. */
  readonly keyless: boolean;
  /** What its ports have answered so far: with this it is repeated up to the present. */
  readonly heard: readonly PortAnswer[];
  readonly next: Next;
};

/** How much may still go wrong, and be done by operators. */
export type Left = { readonly acts: number; readonly losses: number };

export type World = {
  readonly nowMs: number;
  readonly runs: readonly Run[];
  readonly works: readonly Work[];
  readonly readGrants: readonly (GrantedReadInput & { readonly takenAtMs: number })[];
  readonly revisionGrants: readonly (GrantedRevisionInput & { readonly takenAtMs: number })[];
  readonly vendor: Vendor;
  /** Every distinct record of the outcome topic. */
  readonly topic: readonly OutcomeEvent[];
  /** What workers that the server has given up may have published, or may still publish. */
  readonly perhaps: readonly OutcomeEvent[];
  readonly left: Left;
};

/** One step from a state to another. `fair`: the system does it by itself, sooner or later; anything else may never come. */
export type Step = { readonly says: string; readonly world: World; readonly fair: boolean };

export function runOf(world: World, runId: string): Run {
  const run = world.runs.find(({ id }) => id === runId);
  if (run === undefined) throw new Error(`there is no run ${runId}`);
  return run;
}

export function withRun(world: World, changed: Run): World {
  return { ...world, runs: world.runs.map((run) => (run.id === changed.id ? changed : run)) };
}

export function withWork(world: World, { from, to }: { readonly from: Work; readonly to: Work | undefined }): World {
  return { ...world, works: world.works.flatMap((work) => (work === from ? (to ?? []) : work)) };
}

export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
