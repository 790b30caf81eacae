import { z } from 'zod';
import type { Mandate } from '../../contracts/mandate.ts';
import { defined } from '../../domain/defined.ts';
import { RULINGS } from '../../domain/ledger/asking-run.ts';
import { FAR_LEVELS } from '../../domain/policy.ts';
import { OUTCOMES } from '../../domain/verdict.ts';
import { UsageError } from '../errors.ts';
import { assertHeeded, journalSteps, mandateFields } from '../journal-steps.ts';
import { addLine, NO_TOTALS, PLAN_CODES, type PlanLine, type PlanTotals, REPLAY_ACTIONS, toStart } from './plan-line.ts';
import type { JournalFile, ReplayMandate, StartedReplay } from './ports.ts';

const said = z.object({ outcome: z.enum(OUTCOMES), reasons: z.array(z.string()) });
const count = z.int().min(0);

/** `doubt` and `problem` are not kept: a refused line is never executed. */
const planLine: z.ZodType<PlanLine> = z.object({
  verificationId: z.string(),
  action: z.enum(REPLAY_ACTIONS),
  code: z.enum(PLAN_CODES),
  homeRunId: z.string().exactOptional(),
  reads: z.object({ used: count, left: count, limit: count, atMost: count }).exactOptional(),
  window: z.object({ endsAt: z.string(), leftMs: z.number() }).exactOptional(),
  present: said.extend({ ceId: z.string(), by: z.string().exactOptional() }).exactOptional(),
  next: said.exactOptional(),
  policy: z.object({ requiredFar: z.enum(FAR_LEVELS), comparisons: z.array(z.string()) }).exactOptional(),
});

const ruling = z.object({
  verdict: z.enum(RULINGS),
  reviewer: z.string(),
  override: z.literal(true).exactOptional(),
  revision: z.int().exactOptional(),
});

const verificationId = z.string();
/** The steps of a command, one a line. Each survives a crash before the next one of its verification is taken. */
const step = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ORDER'),
    v: z.literal(1),
    at: z.string(),
    ...mandateFields,
    ruling: ruling.exactOptional(),
  }),
  z.object({ kind: z.literal('PLANNED'), line: planLine }),
  z.object({ kind: z.literal('PLAN_COMPLETE'), verifications: count }),
  /** `line`: the plan as it was made again just before. */
  z.object({ kind: z.literal('STARTING'), verificationId, requestedAt: z.string(), line: planLine.exactOptional() }),
  z.object({ kind: z.literal('STARTED'), verificationId, runId: z.string(), startedAt: z.string() }),
  z.object({ kind: z.literal('DONE'), verificationId }),
  /** Started, but its audit record is refused for ever. */
  z.object({ kind: z.literal('UNAUDITED'), verificationId, why: z.string() }),
  z.object({ kind: z.literal('SKIPPED'), verificationId, why: z.string() }),
]);
type Step = z.infer<typeof step>;

const journal = journalSteps<Step>({ step, begins: 'ORDER' });

/** Makes the file a journal of this order. Throws `UsageError` if it is somebody else's. */
export async function beginJournal(
  file: JournalFile,
  { mandate, at }: { readonly mandate: ReplayMandate; readonly at: string },
): Promise<void> {
  await journal.forget(file);
  await journal.append(file, { kind: 'ORDER', v: 1, at, ...mandate });
}

export const { forget: forgetJournal, append: appendStep } = journal;

/** Writes the plan, and yields each line once it is written. A plan that `signal` interrupts is left incomplete. */
export async function* journaled(
  file: JournalFile,
  { lines, signal }: { readonly lines: AsyncIterable<PlanLine>; readonly signal: AbortSignal },
): AsyncGenerator<PlanLine> {
  let verifications = 0;
  for await (const line of lines) {
    await appendStep(file, { kind: 'PLANNED', line });
    verifications += 1;
    yield line;
  }
  if (!signal.aborted) await appendStep(file, { kind: 'PLAN_COMPLETE', verifications });
}

/** Where the command of a journal stands. */
export type JournalState = {
  /** Absent: the journal is empty, or not there. */
  readonly mandate?: ReplayMandate;
  /** Absent: planning was interrupted, and nothing was started. */
  readonly work?: Work;
};

/** A complete plan and what became of it. Ids only: the lines themselves are read again when they are executed. */
export type Work = {
  readonly mandate: ReplayMandate;
  readonly totals: PlanTotals;
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** Those that are never to be touched again, in whichever attempt they ended. */
  readonly finished: ReadonlyMap<string, Finish>;
};

/** What an earlier attempt began. `run` is absent if its start was not acknowledged. */
export type Attempt = { readonly requestedAt: string; readonly line?: PlanLine; readonly run?: StartedReplay };

/** UNAUDITED: started as well, but there is no audit record of it. */
export type Finish = 'STARTED' | 'UNAUDITED' | 'SKIPPED';

/** Reads the journal from its beginning. Throws `UsageError` if the file is something else, or its plan is not whole. */
export async function readJournal(file: JournalFile): Promise<JournalState> {
  let mandate: ReplayMandate | undefined;
  let totals = NO_TOTALS;
  let complete: number | undefined;
  const attempts = new Map<string, Attempt>();
  const finished = new Map<string, Finish>();
  for await (const next of journal.read(file)) {
    if (mandate === undefined && next?.kind !== 'ORDER')
      throw new UsageError('--journal: this file is no journal of verdictflow replay or decide');
    if (next?.kind === 'ORDER') mandate = mandateOf(next);
    if (next?.kind === 'PLAN_COMPLETE') complete = next.verifications;
    if (next?.kind === 'PLANNED') totals = addLine(totals, next.line);
    if (next?.kind === 'STARTING') attempts.set(next.verificationId, attemptOf(next));
    if (next?.kind === 'STARTED')
      attempts.set(next.verificationId, { requestedAt: next.startedAt, ...attempts.get(next.verificationId), run: runOf(next) });
    if (next?.kind === 'DONE') finished.set(next.verificationId, 'STARTED');
    if (next?.kind === 'UNAUDITED' || next?.kind === 'SKIPPED') finished.set(next.verificationId, next.kind);
  }
  if (complete !== undefined && complete !== totals.verifications)
    throw new UsageError(
      `--journal: ${totals.verifications} of the ${complete} lines of its plan are readable; plan into a new file (what was started is in this one)`,
    );
  const work = mandate && complete !== undefined ? { mandate, totals, attempts, finished } : undefined;
  return defined({ mandate, work });
}

/** The planned lines that are still to be started, as a stream. */
export async function* openLines(file: JournalFile, { finished }: Pick<Work, 'finished'>): AsyncGenerator<PlanLine> {
  for await (const next of journal.read(file)) {
    if (next?.kind === 'PLANNED' && next.line.action !== 'REFUSE' && !finished.has(next.line.verificationId)) yield next.line;
  }
}

/** How many {@link openLines} yields. */
export function countOpen({ totals, finished }: Work): number {
  return toStart(totals) - finished.size;
}

/** What was started, as a stream. */
export async function* startedRuns(file: JournalFile): AsyncGenerator<{ readonly verificationId: string; readonly runId: string }> {
  for await (const next of journal.read(file)) if (next?.kind === 'STARTED') yield next;
}

function mandateOf({ operator, reason, ticket, ruling: asked }: Extract<Step, { kind: 'ORDER' }>): ReplayMandate {
  return { operator, reason, ...defined({ ticket, ruling: asked }) };
}

function attemptOf({ requestedAt, line }: Extract<Step, { kind: 'STARTING' }>): Attempt {
  return { requestedAt, ...defined({ line }) };
}

function runOf({ runId, startedAt }: StartedReplay): StartedReplay {
  return { runId, startedAt };
}

/** What became of the lines of a journal so far, in all attempts together. `unaudited` are started as well. */
export type Tally = { readonly started: number; readonly skipped: number; readonly unaudited: number };

export function tallyOf(finished: Iterable<Finish>): Tally {
  return [...finished].reduce(addFinish, { started: 0, skipped: 0, unaudited: 0 });
}

export function addFinish({ started, skipped, unaudited }: Tally, finish: Finish): Tally {
  return {
    started: started + Number(finish !== 'SKIPPED'),
    skipped: skipped + Number(finish === 'SKIPPED'),
    unaudited: unaudited + Number(finish === 'UNAUDITED'),
  };
}

/** What works off a journal. */
export type JournalCommand = 'replay' | 'decide';

/** What the command says, by the names of its options, to judge whether it goes together with the journal. */
export type Given = {
  readonly command: JournalCommand;
  /** `the ids`, or the options that select. */
  readonly selecting: readonly string[];
  /** The options that say what the answer is decided by. */
  readonly deciding: readonly string[];
  readonly mandate: Partial<Mandate>;
  /** The path that `--journal` names. */
  readonly journal?: string;
};

/** Whether the command says what the journal needs and nothing that it would not heed. Throws `UsageError`. */
export function assertResumable({ command, selecting, deciding, mandate, journal }: Given, earlier: JournalState): void {
  const began = earlier.mandate === undefined ? command : earlier.mandate.ruling === undefined ? 'replay' : 'decide';
  if (began !== command) throw new UsageError(`--journal: it is a journal of verdictflow ${began}; name another file`);
  if (earlier.work !== undefined) return assertHeeded({ unheeded: [...selecting, ...deciding], mandate }, earlier.work.mandate);
  const selected = selecting.length > 0;
  if (earlier.mandate === undefined) {
    if (journal === undefined || selected) return;
    throw new UsageError(
      `--journal: ${journal} does not exist or is empty. To resume, name the earlier journal; to begin, give a selection and --reason.`,
    );
  }
  if (selected && mandate.reason !== undefined) return;
  throw new UsageError('--journal: this journal holds no complete plan; give the selection and --reason again');
}
