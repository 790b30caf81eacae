import { defined } from '../../domain/defined.ts';
import { UsageError } from '../../operator/errors.ts';
import type { PlanLine } from '../../operator/replay/plan-line.ts';
import type { ReplayJournal, ReplayMandate, StartedReplay } from '../../operator/replay/ports.ts';
import type { Executed, Progress } from '../../operator/replay/run.ts';
import { addLine, NO_TOTALS, type PlanTotals } from '../../operator/replay/totals.ts';
import type { JournalFile } from '../io.ts';
import { type JournalLine, parseJournalLine } from './journal-lines.ts';

/** Where the command of a journal stands. Ids only: the lines themselves are read again when they are executed. */
export type JournalState = {
  readonly mandate?: ReplayMandate;
  /** False: planning was interrupted, and nothing was started. */
  readonly planned: boolean;
  readonly totals: PlanTotals;
  readonly progress: ReadonlyMap<string, Progress>;
  /** What became of those that are never to be touched again, in whichever attempt. */
  readonly finished: ReadonlyMap<string, Finish>;
};

export type Finish = Executed['kind'];

/** Reads the journal from its beginning. Throws `UsageError` if the file is something else. */
export async function readJournal(file: JournalFile): Promise<JournalState> {
  let mandate: ReplayMandate | undefined;
  let totals = NO_TOTALS;
  const progress = new Map<string, Progress>();
  const finished = new Map<string, Finish>();
  let first = true;
  let complete: number | undefined;
  for await (const text of file.lines()) {
    const line = parseJournalLine(text);
    if (first && line?.kind !== 'ORDER') throw new UsageError('--journal: this file is no journal of verdictflow replay');
    first = false;
    if (line === undefined) continue;
    if (line.kind === 'ORDER') mandate = mandateOf(line);
    if (line.kind === 'PLAN_COMPLETE') complete = line.verifications;
    if (line.kind === 'PLANNED') totals = addLine(totals, line.line);
    if (line.kind === 'STARTING') progress.set(line.verificationId, begunOf(line));
    if (line.kind === 'STARTED')
      progress.set(line.verificationId, { requestedAt: line.startedAt, ...progress.get(line.verificationId), run: runOf(line) });
    if (line.kind === 'DONE') finished.set(line.verificationId, 'STARTED');
    if (line.kind === 'UNAUDITED' || line.kind === 'SKIPPED') finished.set(line.verificationId, line.kind);
  }
  if (complete !== undefined && complete !== totals.verifications)
    throw new UsageError(
      `--journal: ${totals.verifications} of the ${complete} lines of its plan are readable; plan into a new file (what was started is in this one)`,
    );
  return { ...defined({ mandate }), planned: complete !== undefined, totals, progress, finished };
}

/** The planned lines that are not refused, as a stream. */
export async function* linesToStart(file: JournalFile): AsyncGenerator<PlanLine> {
  for await (const text of file.lines()) {
    const line = parseJournalLine(text);
    if (line?.kind === 'PLANNED' && line.line.action !== 'REFUSE') yield line.line;
  }
}

/** What was started, as a stream. */
export async function* startedRuns(file: JournalFile): AsyncGenerator<StartedReplay & { readonly verificationId: string }> {
  for await (const text of file.lines()) {
    const line = parseJournalLine(text);
    if (line?.kind === 'STARTED') yield { verificationId: line.verificationId, ...runOf(line) };
  }
}

/** The plan is written quickly and made durable once, at its end; steps of execution are durable one by one. */
export function journalOf(file: JournalFile): ReplayJournal {
  return { append: async (step) => await file.append(JSON.stringify(step), { durable: step.kind !== 'PLANNED' }) };
}

/** Of every journal; `JSON.stringify` keeps the order of keys. */
const BEGINNING = '{"kind":"ORDER"';

export async function beginJournal(
  file: JournalFile,
  { mandate, at }: { readonly mandate: ReplayMandate; readonly at: string },
): Promise<void> {
  await file.clear(BEGINNING);
  await file.append(JSON.stringify({ kind: 'ORDER', v: 1, at, ...mandate }), { durable: true });
}

export async function completePlan(file: JournalFile, verifications: number): Promise<void> {
  await file.append(JSON.stringify({ kind: 'PLAN_COMPLETE', verifications }), { durable: true });
}

function mandateOf({ operator, reason, ticket }: Extract<JournalLine, { kind: 'ORDER' }>): ReplayMandate {
  return { operator, reason, ...defined({ ticket }) };
}

function begunOf({ requestedAt, line }: Extract<JournalLine, { kind: 'STARTING' }>): Progress {
  return { requestedAt, ...defined({ line }) };
}

function runOf({ runId, startedAt }: StartedReplay): StartedReplay {
  return { runId, startedAt };
}
