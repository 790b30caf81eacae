import { mapInOrder } from '../../async/in-order.ts';
import type { VerificationInput, VerificationResult } from '../../contracts/workflow.ts';
import { defined } from '../../domain/defined.ts';
import { refusalOf } from '../audit.ts';
import type { ReplayAudit } from './audit.ts';
import { appendStep, type Attempt, openLines, startedRuns, type Work } from './journal.ts';
import { createPatience, InterruptedError, type OnOutage, OwnFaultError, type Patience } from './patience.ts';
import { otherRevision, type PlanLine, whyText } from './plan-line.ts';
import { orderedInput, orderOn, planReplay } from './plan.ts';
import type { JournalFile, KnownCase, ReplayCases, ReplayClock, ReplayMandate, ReplayRuns, StartedReplay } from './ports.ts';

const AT_ONCE = 8;

export type ExecutePorts = {
  readonly cases: ReplayCases;
  readonly runs: ReplayRuns;
  readonly file: JournalFile;
  readonly audit: ReplayAudit;
  readonly clock: ReplayClock;
};

type Until = {
  /** Once it has fired nothing more is begun; what was begun is finished and yielded. */
  readonly signal: AbortSignal;
  readonly onOutage: OnOutage;
};

export type Executed = { readonly line: PlanLine } & Ending;
type Ending =
  | { readonly kind: 'STARTED'; readonly run: StartedReplay }
  /** Started as well, but there is no audit record of it. */
  | { readonly kind: 'UNAUDITED'; readonly run: StartedReplay; readonly why: string }
  | Skipped;
type Skipped = { readonly kind: 'SKIPPED'; readonly why: string };

/**
 * Executes the lines of the journal that are open, at most `perSecond`, and yields what became of each, in their order.
 * Once something fails that concerns every line no further one is begun; what was begun is yielded, then it throws that.
 */
export async function* executeOpen(
  ports: ExecutePorts,
  { work, perSecond, signal, onOutage }: Until & { readonly work: Work; readonly perSecond: number },
): AsyncGenerator<Executed> {
  const { file, clock } = ports;
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const patience = createPatience({ signal: stop, sleep: clock.sleep, onOutage });
  const one = async (line: PlanLine): Promise<Executed | undefined> => {
    const attempt = work.attempts.get(line.verificationId);
    try {
      return { line, ...(await executeLine({ ...ports, patience }, { line, mandate: work.mandate, ...defined({ attempt }) })) };
    } catch (error) {
      // An interrupted line stays open in the journal.
      if (!(error instanceof InterruptedError)) failed.abort(error);
      return undefined;
    }
  };
  yield* mapInOrder(openLines(file, work), one, { atOnce: AT_ONCE, perSecond, clock, signal: stop });
  failed.signal.throwIfAborted();
}

type LinePorts = ExecutePorts & {
  /** Around whatever asks Temporal. */
  readonly patience: Patience;
};
type LineOrder = { readonly line: PlanLine; readonly mandate: ReplayMandate; readonly attempt?: Attempt };

/**
 * Executes one line of a plan, at most once ever: every step is in the journal before the next is taken, and an order
 * whose acknowledgement was lost is looked for before another is given. The plan is made again first: a line that no
 * longer holds, because time has passed or somebody else was there, is skipped and says so; so is one that fails by
 * itself. Rejects for what concerns every line.
 */
async function executeLine(ports: LinePorts, order: LineOrder): Promise<Ending> {
  try {
    return await startAndAudit(ports, order);
  } catch (error) {
    if (!(error instanceof OwnFaultError)) throw error;
    return await skip(ports, { verificationId: order.line.verificationId, why: error.message });
  }
}

async function startAndAudit(ports: LinePorts, { line, mandate, attempt }: LineOrder): Promise<Ending> {
  const begun = attempt && (await whatBegan(ports, { line, attempt }));
  const order = begun ?? (await begin(ports, { line, mandate }));
  if ('kind' in order) return order;
  const { verificationId } = line;
  const { run } = order;
  const why = await refusalOf(ports.audit({ ...order, mandate }));
  await appendStep(ports.file, why === undefined ? { kind: 'DONE', verificationId } : { kind: 'UNAUDITED', verificationId, why });
  return why === undefined ? { kind: 'STARTED', run } : { kind: 'UNAUDITED', run, why };
}

/** `line`: what was executed, which may have fewer reads left than what was planned. */
type Begun = { readonly line: PlanLine; readonly requestedAt: string; readonly run: StartedReplay };

/** What an earlier attempt began; undefined if its start never happened. */
async function whatBegan(
  { runs, file, patience }: LinePorts,
  { line, attempt }: { readonly line: PlanLine; readonly attempt: Attempt },
): Promise<Begun | undefined> {
  const { verificationId } = line;
  const { requestedAt } = attempt;
  const begun = { line: attempt.line ?? line, requestedAt };
  if (attempt.run !== undefined) return { ...begun, run: attempt.run };
  const run = await patience(() => runs.find(verificationId, requestedAt));
  if (run === undefined) return undefined;
  await appendStep(file, { kind: 'STARTED', verificationId, ...run });
  return { ...begun, run };
}

async function begin(ports: LinePorts, { line: planned, mandate }: Omit<LineOrder, 'attempt'>): Promise<Begun | Skipped> {
  const { verificationId } = planned;
  const { known, line, nowMs } = await planAgain(ports, { planned, mandate });
  if (known.kind !== 'KNOWN' || line.action !== planned.action) return await skipChanged(ports, { line, planned });
  const requestedAt = new Date(nowMs).toISOString();
  await appendStep(ports.file, { kind: 'STARTING', verificationId, requestedAt, line });
  const input = inputOf(known, { line, mandate, nowMs });
  const run = await startOnce(ports, { input, requestedAt, readsCounted: known.ledger.counted });
  if (run === 'RUNNING') {
    return await skipChanged(ports, { line: { ...line, action: 'REFUSE', code: 'STILL_RUNNING' }, planned });
  }
  await appendStep(ports.file, { kind: 'STARTED', verificationId, ...run });
  return { line, requestedAt, run };
}

async function planAgain(
  { cases, clock, patience }: LinePorts,
  { planned, mandate }: { readonly planned: PlanLine; readonly mandate: ReplayMandate },
) {
  const { verificationId, policy: asked = {} } = planned;
  const look = async () => {
    const known = await cases.load(verificationId);
    const nowMs = clock.now();
    const line = planReplay(known, { verificationId, asked, nowMs, ...defined({ ruling: mandate.ruling }) });
    return { known, nowMs, line: isAboutAnother(line, planned) ? otherRevision(line) : line };
  };
  return await patience(look, { probe: true });
}

/** A person has agreed to decide upon the outcome of the plan, and upon no other. */
function isAboutAnother({ action, present }: PlanLine, planned: PlanLine): boolean {
  return action === 'DECIDE' && present?.ceId !== planned.present?.ceId;
}

function inputOf(
  known: KnownCase,
  { line, mandate, nowMs }: { readonly line: PlanLine; readonly mandate: ReplayMandate; readonly nowMs: number },
): VerificationInput {
  const policy = line.policy ?? { requiredFar: known.input.policy.requiredFar, comparisons: known.input.comparisons };
  return orderedInput(known.input, { policy, replay: orderOn(known, { mandate, nowMs }) });
}

/** A start that was not acknowledged may have happened, now or a little later: it is looked for before and after another. */
async function startOnce(
  { runs, patience }: LinePorts,
  { input, requestedAt, readsCounted }: { readonly input: VerificationInput; readonly requestedAt: string; readonly readsCounted: number },
): Promise<StartedReplay | 'RUNNING'> {
  return await patience(async (attempt) => {
    const find = async (): Promise<StartedReplay | undefined> =>
      attempt === 1 ? undefined : await runs.find(input.verificationId, requestedAt);
    const run = (await find()) ?? (await runs.start(input, { readsCounted }));
    return run === 'RUNNING' ? ((await find()) ?? run) : run;
  });
}

async function skipChanged(ports: LinePorts, { line, planned }: { readonly line: PlanLine; readonly planned: PlanLine }): Promise<Skipped> {
  const why = `planned ${planned.action}, now ${line.action}: ${whyText(line)}`;
  return await skip(ports, { verificationId: planned.verificationId, why });
}

async function skip(
  { file }: LinePorts,
  { verificationId, why }: { readonly verificationId: string; readonly why: string },
): Promise<Skipped> {
  await appendStep(file, { kind: 'SKIPPED', verificationId, why });
  return { kind: 'SKIPPED', why };
}

/** `missing` says why there is no result. */
export type ReplayOutcome = { readonly verificationId: string } & ({ readonly result: VerificationResult } | { readonly missing: string });

/**
 * Waits for the outcome of every replay that the journal has as started and yields them in its order, until `signal`
 * fires. A read may take until the end of the window.
 */
export async function* outcomesOf(
  { runs, file, clock }: Pick<ExecutePorts, 'runs' | 'file' | 'clock'>,
  { signal, onOutage }: Until,
): AsyncGenerator<ReplayOutcome> {
  const patience = createPatience({ signal, sleep: clock.sleep, onOutage });
  for await (const run of startedRuns(file)) {
    const { verificationId } = run;
    const result = await resultOf(run, { runs, patience, signal });
    if (typeof result !== 'string') yield { verificationId, result };
    else if (signal.aborted) return;
    else yield { verificationId, missing: result };
  }
}

type Asking = { readonly runs: ReplayRuns; readonly patience: Patience; readonly signal: AbortSignal };

/** A text says why there is none. */
async function resultOf(
  { verificationId, runId }: { readonly verificationId: string; readonly runId: string },
  { runs, patience, signal }: Asking,
): Promise<VerificationResult | string> {
  try {
    const result = await patience(() => runs.result(verificationId, { runId, signal }), { probe: true });
    if (result === 'GONE')
      return `its run ${runId} is gone (deleted, or past the retention of the namespace); look for its outcome on the topic`;
    return result ?? 'ended without an outcome; see the Temporal UI';
  } catch (error) {
    if (error instanceof OwnFaultError || error instanceof InterruptedError) return `its outcome cannot be read: ${error.message}`;
    throw error;
  }
}
