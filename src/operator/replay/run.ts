import type { VerificationInput } from '../../contracts/workflow.ts';
import type { PlanLine } from './plan-line.ts';
import { planReplay } from './plan.ts';
import { whyText } from './plan-text.ts';
import type { KnownCase, ReplayCases, ReplayJournal, ReplayMandate, ReplayRuns, StartedReplay } from './ports.ts';
import { replayInput } from './replay-input.ts';

/** Where a line of an earlier attempt stands. */
export type Progress = { readonly requestedAt: string; readonly run?: StartedReplay };

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
  readonly now: () => number;
};

export type Executed = { readonly kind: 'STARTED'; readonly run: StartedReplay } | { readonly kind: 'SKIPPED'; readonly why: string };

/**
 * Executes one line of a plan, at most once ever: every step is in the journal before the next is taken, and an order
 * whose acknowledgement was lost is looked for before another is given. The plan is made again first: a line that no
 * longer holds, because time has passed or somebody else was there, is skipped and says so.
 */
export async function executeLine(
  ports: ExecutePorts,
  { line, mandate, progress }: { readonly line: PlanLine; readonly mandate: ReplayMandate; readonly progress?: Progress },
): Promise<Executed> {
  const begun = progress === undefined ? undefined : await whatBegan(ports, { line, progress });
  const order = begun ?? (await begin(ports, { line, mandate }));
  if ('kind' in order) return order;
  await ports.audit({ line, mandate, requestedAt: order.requestedAt, run: order.run });
  await ports.journal.append({ kind: 'DONE', verificationId: line.verificationId });
  return { kind: 'STARTED', run: order.run };
}

type Begun = { readonly requestedAt: string; readonly run: StartedReplay };
type Given = { readonly line: PlanLine; readonly mandate: ReplayMandate };

async function whatBegan(
  { runs, journal }: ExecutePorts,
  { line, progress }: { readonly line: PlanLine; readonly progress: Progress },
): Promise<Begun | undefined> {
  const { verificationId } = line;
  const { requestedAt } = progress;
  if (progress.run !== undefined) return { requestedAt, run: progress.run };
  const run = await runs.find(verificationId, requestedAt);
  if (run === undefined) return undefined;
  await journal.append({ kind: 'STARTED', verificationId, ...run });
  return { requestedAt, run };
}

async function begin(ports: ExecutePorts, given: Given): Promise<Begun | Extract<Executed, { kind: 'SKIPPED' }>> {
  const { verificationId } = given.line;
  const nowMs = ports.now();
  const known = await ports.cases.load(verificationId);
  const line = planReplay(known, { verificationId, asked: given.line.policy ?? {}, nowMs });
  if (known.kind !== 'KNOWN' || line.action !== given.line.action) return await skip(ports, { line, planned: given.line });
  const requestedAt = new Date(nowMs).toISOString();
  await ports.journal.append({ kind: 'STARTING', verificationId, requestedAt });
  const input = orderedInput(known, { ...given, line, requestedAt });
  const run = await ports.runs.start(input, { callsSpent: known.ledger.counted });
  if (run === 'RUNNING') return await skip(ports, { line: { ...line, action: 'REFUSE', code: 'STILL_RUNNING' }, planned: given.line });
  await ports.journal.append({ kind: 'STARTED', verificationId, ...run });
  return { requestedAt, run };
}

function orderedInput(known: KnownCase, { line, mandate, requestedAt }: Given & { readonly requestedAt: string }): VerificationInput {
  const policy = line.policy ?? { requiredFar: known.input.policy.requiredFar, comparisons: known.input.comparisons };
  return replayInput(known.input, { policy, replay: { ...mandate, homeRunId: known.ledger.homeRunId, requestedAt } });
}

async function skip(
  { journal }: ExecutePorts,
  { line, planned }: { readonly line: PlanLine; readonly planned: PlanLine },
): Promise<Extract<Executed, { kind: 'SKIPPED' }>> {
  const why = `planned ${planned.action}, now ${line.action}: ${whyText(line)}`;
  await journal.append({ kind: 'SKIPPED', verificationId: planned.verificationId, why });
  return { kind: 'SKIPPED', why };
}
