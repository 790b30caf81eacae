import { RecordRefusedError } from '../../contracts/errors.ts';
import type { VerificationInput } from '../../contracts/workflow.ts';
import { type Patience, PoisonError } from './patience.ts';
import type { PlanLine } from './plan-line.ts';
import { whyText } from './plan-text.ts';
import { planReplay } from './plan.ts';
import type { KnownCase, ReplayCases, ReplayJournal, ReplayMandate, ReplayRuns, StartedReplay } from './ports.ts';
import { orderOn, replayInput } from './replay-input.ts';

/** Where a line of an earlier attempt stands. */
export type Progress = { readonly requestedAt: string; readonly line?: PlanLine; readonly run?: StartedReplay };

export type ReplayAudit = (entry: {
  readonly line: PlanLine;
  readonly mandate: ReplayMandate;
  readonly requestedAt: string;
  readonly run: StartedReplay;
}) => Promise<void>;

export type ExecutePorts = {
  readonly cases: ReplayCases;
  readonly runs: ReplayRuns;
  readonly journal: ReplayJournal;
  /** Resolves once the brokers have the record. */
  readonly audit: ReplayAudit;
  /** Around whatever asks Temporal. */
  readonly patience: Patience;
  readonly now: () => number;
};

export type Executed =
  | { readonly kind: 'STARTED'; readonly run: StartedReplay }
  /** Started as well, but there is no audit record of it. */
  | { readonly kind: 'UNAUDITED'; readonly run: StartedReplay; readonly why: string }
  | { readonly kind: 'SKIPPED'; readonly why: string };

/**
 * Executes one line of a plan, at most once ever: every step is in the journal before the next is taken, and an order
 * whose acknowledgement was lost is looked for before another is given. The plan is made again first: a line that no
 * longer holds, because time has passed or somebody else was there, is skipped and says so; so is one that fails by
 * itself. Rejects for what concerns every line.
 */
export async function executeLine(ports: ExecutePorts, order: LineOrder): Promise<Executed> {
  try {
    return await startAndAudit(ports, order);
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    return await skip(ports, { verificationId: order.line.verificationId, why: error.message });
  }
}

type LineOrder = { readonly line: PlanLine; readonly mandate: ReplayMandate; readonly progress?: Progress };

async function startAndAudit(ports: ExecutePorts, { line, mandate, progress }: LineOrder): Promise<Executed> {
  const begun = progress === undefined ? undefined : await whatBegan(ports, { line, progress });
  const order = begun ?? (await begin(ports, { line, mandate }));
  if ('kind' in order) return order;
  const { verificationId } = line;
  const { run } = order;
  const why = await refusalOf(ports.audit({ ...order, mandate }));
  await ports.journal.append(why === undefined ? { kind: 'DONE', verificationId } : { kind: 'UNAUDITED', verificationId, why });
  return why === undefined ? { kind: 'STARTED', run } : { kind: 'UNAUDITED', run, why };
}

/** Why the brokers will never take it; undefined if they have it. */
async function refusalOf(audited: Promise<void>): Promise<string | undefined> {
  try {
    await audited;
    return undefined;
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    return error.message;
  }
}

/** `line`: what was executed, which may have fewer reads left than what was planned. */
type Begun = { readonly line: PlanLine; readonly requestedAt: string; readonly run: StartedReplay };
type Given = { readonly line: PlanLine; readonly mandate: ReplayMandate };

async function whatBegan(
  { runs, journal, patience }: ExecutePorts,
  { line, progress }: { readonly line: PlanLine; readonly progress: Progress },
): Promise<Begun | undefined> {
  const { verificationId } = line;
  const { requestedAt } = progress;
  const begun = { line: progress.line ?? line, requestedAt };
  if (progress.run !== undefined) return { ...begun, run: progress.run };
  const run = await patience(() => runs.find(verificationId, requestedAt));
  if (run === undefined) return undefined;
  await journal.append({ kind: 'STARTED', verificationId, ...run });
  return { ...begun, run };
}

async function begin(ports: ExecutePorts, given: Given): Promise<Begun | Skipped> {
  const { verificationId } = given.line;
  const { known, line, nowMs } = await ports.patience(
    async () => {
      const found = await ports.cases.load(verificationId);
      const at = ports.now();
      return { known: found, line: planReplay(found, { verificationId, asked: given.line.policy ?? {}, nowMs: at }), nowMs: at };
    },
    { probe: true },
  );
  if (known.kind !== 'KNOWN' || line.action !== given.line.action) return await skipChanged(ports, { line, planned: given.line });
  const requestedAt = new Date(nowMs).toISOString();
  await ports.journal.append({ kind: 'STARTING', verificationId, requestedAt, line });
  const input = orderedInput(known, { ...given, line, nowMs });
  const run = await startOnce(ports, { input, requestedAt, callsSpent: known.ledger.counted });
  if (run === 'RUNNING') {
    return await skipChanged(ports, { line: { ...line, action: 'REFUSE', code: 'STILL_RUNNING' }, planned: given.line });
  }
  await ports.journal.append({ kind: 'STARTED', verificationId, ...run });
  return { line, requestedAt, run };
}

/** A start that was not acknowledged may have happened, now or a little later: it is looked for before and after another. */
async function startOnce(
  { runs, patience }: ExecutePorts,
  { input, requestedAt, callsSpent }: { readonly input: VerificationInput; readonly requestedAt: string; readonly callsSpent: number },
): Promise<StartedReplay | 'RUNNING'> {
  return await patience(async (attempt) => {
    const find = async (): Promise<StartedReplay | undefined> =>
      attempt === 1 ? undefined : await runs.find(input.verificationId, requestedAt);
    const run = (await find()) ?? (await runs.start(input, { callsSpent }));
    return run === 'RUNNING' ? ((await find()) ?? run) : run;
  });
}

function orderedInput(known: KnownCase, { line, mandate, nowMs }: Given & { readonly nowMs: number }): VerificationInput {
  const policy = line.policy ?? { requiredFar: known.input.policy.requiredFar, comparisons: known.input.comparisons };
  return replayInput(known.input, { policy, replay: orderOn(known, { mandate, nowMs }) });
}

type Skipped = Extract<Executed, { kind: 'SKIPPED' }>;

async function skipChanged(
  ports: ExecutePorts,
  { line, planned }: { readonly line: PlanLine; readonly planned: PlanLine },
): Promise<Skipped> {
  const why = `planned ${planned.action}, now ${line.action}: ${whyText(line)}`;
  return await skip(ports, { verificationId: planned.verificationId, why });
}

async function skip(
  { journal }: ExecutePorts,
  { verificationId, why }: { readonly verificationId: string; readonly why: string },
): Promise<Skipped> {
  await journal.append({ kind: 'SKIPPED', verificationId, why });
  return { kind: 'SKIPPED', why };
}
