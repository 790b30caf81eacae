import { mapInOrder } from '../../async/in-order.ts';
import { assignmentOf } from '../../contracts/assignment.ts';
import type { VerificationInput } from '../../contracts/workflow.ts';
import { decide } from '../../domain/decide.ts';
import { defined } from '../../domain/defined.ts';
import { evolve } from '../../domain/evolve.ts';
import { exhausted } from '../../domain/exhaustive.ts';
import { outcomeEventId, workflowIdOf } from '../../domain/ids.ts';
import type { ReplayOrder } from '../../domain/ledger/asking-run.ts';
import { ledgerRecords } from '../../domain/ledger/ledger.ts';
import { isVerdict, newestOrderAtMs, rulingOf, standingOutcome } from '../../domain/ledger/revisions.ts';
import { buildOutcomeEvent, type OutcomeEvent } from '../../domain/outcome.ts';
import { accountOf } from '../../domain/reading/slots.ts';
import { primaryOf } from '../../domain/reasons.ts';
import { initialState, type State } from '../../domain/state.ts';
import type { VerificationReader } from '../ports.ts';
import { createPatience, InterruptedError, type OnOutage, OwnFaultError, type Patience } from './patience.ts';
import type { PlanLine, PlanPolicy, PolicyAsked, SelectedBy } from './plan-line.ts';
import { chooseRuling, ruledOn } from './plan-ruling.ts';
import type { KnownCase, ReplayCase, ReplayCases, ReplayClock, ReplayMandate, RulingAsked } from './ports.ts';
import type { Selection } from './selection.ts';

/** Looking up a ledger costs the server some five short calls; more than this would be felt by the service. */
const LOOKUPS_PER_SECOND = 100;
const AT_ONCE = 8;

export type PlanPorts = { readonly reader: Pick<VerificationReader, 'list'>; readonly cases: ReplayCases; readonly clock: ReplayClock };

export type Planning = {
  readonly selection: Selection;
  readonly asked: PolicyAsked;
  readonly ruling?: RulingAsked;
  /** Ends the stream after what is under way. */
  readonly signal: AbortSignal;
  readonly onOutage: OnOutage;
};

/** The plan of each verification selected, in their order, as a stream: memory does not grow with it. */
export async function* planLines(ports: PlanPorts, { selection, asked, ruling, signal, onOutage }: Planning): AsyncGenerator<PlanLine> {
  const { reader, cases, clock } = ports;
  const waiting = { signal, sleep: clock.sleep, onOutage };
  const patience = createPatience(waiting);
  // The listing has a patience of its own, because visibility may be away while histories are read.
  const ids = selection.ids(reader, createPatience(waiting));
  const { selectedBy } = selection;
  const planOne = async (verificationId: string): Promise<PlanLine | undefined> => {
    const look = async (): Promise<PlanLine> => {
      const known = await cases.load(verificationId);
      return planReplay(known, { verificationId, asked, nowMs: clock.now(), ...defined({ selectedBy, ruling }) });
    };
    return await lineOrRefusal(verificationId, patience, look);
  };
  yield* mapInOrder(ids, planOne, { atOnce: AT_ONCE, perSecond: LOOKUPS_PER_SECOND, clock, signal });
}

/** Undefined: interrupted. What fails by itself is refused, and does not stand in the way of the others. */
async function lineOrRefusal(verificationId: string, patience: Patience, look: () => Promise<PlanLine>): Promise<PlanLine | undefined> {
  try {
    return await patience(look, { probe: true });
  } catch (error) {
    if (error instanceof InterruptedError) return undefined;
    if (error instanceof OwnFaultError) return { verificationId, action: 'REFUSE', code: 'UNREADABLE', problem: error.message };
    throw error;
  }
}

export type PlanQuestion = {
  readonly verificationId: string;
  readonly asked: PolicyAsked;
  readonly selectedBy?: SelectedBy;
  /** A person decides; absent: it is a replay. */
  readonly ruling?: RulingAsked;
  readonly nowMs: number;
};

/**
 * What a replay of this verification, or a person's decision, would do now, found by letting the domain decide over the ledger as the replayed
 * run will. Pure. Reads happen only where there is no verdict: EXPIRED and ERROR mean "we do not know".
 */
export function planReplay(known: ReplayCase, question: PlanQuestion): PlanLine {
  const { verificationId } = question;
  switch (known.kind) {
    case 'NOT_FOUND':
      return { verificationId, action: 'REFUSE', code: 'NOT_FOUND' };
    case 'RUNNING':
      return { verificationId, action: 'REFUSE', code: 'STILL_RUNNING' };
    case 'ERASED':
      return { verificationId, action: 'REFUSE', code: 'ERASED' };
    case 'UNKNOWN':
      return { verificationId, action: 'REFUSE', code: 'LEDGER_UNKNOWN', doubt: known.doubt };
    case 'KNOWN':
      return planKnown(known, question);
    default:
      return exhausted(known);
  }
}

function planKnown(known: KnownCase, question: PlanQuestion): PlanLine {
  const latest = known.revisions.at(-1)?.event;
  const present = presentPolicy(known);
  const { ruling, nowMs } = question;
  // What a person decides, or has decided, is decided by no policy.
  const isRuled = Object.keys(ruledOn(known, ruling)).length > 0;
  const asked = isRuled ? present : { ...present, ...question.asked };
  const under = (policy: PlanPolicy): Foresight => foresee(known, { policy, nowMs, ...defined({ ruling }) });
  const changed = under(asked);
  // Another policy with the same verdict is no news: consumers get what they had.
  const [policy, foresight] = saysTheSame(changed, latest) ? [present, under(present)] : [asked, changed];
  const { action, code } = isStillSelected(latest, question.selectedBy)
    ? choose(known, { foresight, ...defined({ ruling }) })
    : ({ action: 'REFUSE', code: 'NO_LONGER_SELECTED' } as const);
  return {
    verificationId: question.verificationId,
    action,
    code,
    homeRunId: known.ledger.homeRunId,
    reads: { ...foresight.reads, atMost: action === 'READ' ? foresight.reads.left : 0 },
    window: { endsAt: known.input.deadlineAt, leftMs: Math.max(0, Date.parse(known.input.deadlineAt) - question.nowMs) },
    ...defined({
      present: latest && presentOf(latest),
      next: action === 'RE_DECIDE' || action === 'DECIDE' ? foresight.event && saidBy(foresight.event) : undefined,
    }),
    policy,
  };
}

type Choosing = { readonly foresight: Foresight; readonly ruling?: RulingAsked };

function choose(known: KnownCase, { foresight, ruling }: Choosing): Pick<PlanLine, 'action' | 'code'> {
  const { revisions, owed } = known;
  if (ruling !== undefined) return chooseRuling(known, ruling);
  if (!owed && rulingOf(revisions.at(-1)) !== undefined) return { action: 'RE_EMIT', code: 'DECIDED_BY_HAND' };
  if (foresight.event === undefined) {
    return foresight.mayRead ? { action: 'READ', code: 'NO_VERDICT' } : { action: 'REFUSE', code: 'WINDOW_PASSED' };
  }
  if (revisions.length === 0) return { action: 'RE_DECIDE', code: 'NO_OUTCOME_YET' };
  if (!owed && !isVerdict(foresight.event)) return { action: 'REFUSE', code: foresight.limit };
  if (!foresight.unchanged) return { action: 'RE_DECIDE', code: 'OTHER_VERDICT' };
  return { action: 'RE_EMIT', code: owed ? 'EMISSION_UNCONFIRMED' : 'VERDICT_UNCHANGED' };
}

/** The present outcome's own policy, so that replaying it twice does not take back what the first replay changed. */
function presentPolicy({ input, revisions }: KnownCase): PlanPolicy {
  const latest = revisions.at(-1)?.event;
  const revised = latest !== undefined && latest.revision > 1;
  return {
    requiredFar: latest?.policy.requiredFar ?? input.policy.requiredFar,
    comparisons: revised ? latest.policy.comparisons : input.comparisons,
  };
}

function isStillSelected(latest: OutcomeEvent | undefined, selectedBy: SelectedBy | undefined): boolean {
  if (selectedBy === undefined || latest === undefined) return true;
  const primary = primaryOf(latest.reasons)?.code;
  const { outcome = latest.outcome, reason = primary } = selectedBy;
  return outcome === latest.outcome && reason === primary;
}

function saysTheSame({ event }: Foresight, latest: OutcomeEvent | undefined): boolean {
  if (event === undefined || latest === undefined) return false;
  return JSON.stringify(saidBy(event)) === JSON.stringify(saidBy(latest));
}

function presentOf(event: OutcomeEvent): NonNullable<PlanLine['present']> {
  const { verificationId, revision, actor } = event;
  const by = actor.type === 'HUMAN' ? actor.id : undefined;
  return { ceId: outcomeEventId(verificationId, revision), ...saidBy(event), ...defined({ by }) };
}

function saidBy({ outcome, reasons }: OutcomeEvent): NonNullable<PlanLine['next']> {
  return { outcome, reasons: reasons.map(({ code }) => code) };
}

/** What a replayed run would decide first, once it knows the ledger. */
export type Foresight = {
  /** The outcome it would emit at once; absent: it would wait or read. */
  readonly event?: OutcomeEvent;
  /** The latest outcome would be emitted again, byte for byte, instead of `event`. */
  readonly unchanged: boolean;
  /** A read would be made before the window ends. */
  readonly mayRead: boolean;
  /** Why no further read can help, if `event` does not know a verdict. */
  readonly limit: 'RESULT_DESTROYED' | 'QUOTA_EXHAUSTED' | 'WINDOW_PASSED';
  readonly reads: { readonly used: number; readonly left: number; readonly limit: number };
};

/** Runs the same code over the same reads and outcomes as the run does after `LEDGER_RECOVERED`, and as it emits. Pure. */
export function foresee(
  known: KnownCase,
  { policy, nowMs, ruling }: { readonly policy: PlanPolicy; readonly nowMs: number; readonly ruling?: RulingAsked },
): Foresight {
  const replay = orderOn(known, { mandate: { operator: '', reason: '', ...defined({ ruling }) }, nowMs });
  const input = orderedInput(known.input, { policy, replay });
  const state = recovered(initialState(assignmentOf(input)), { known, nowMs });
  const decision = decide(state, nowMs);
  const { counted, left } = accountOf(state);
  const about = { limit: limitOf(state, left), reads: { used: counted, left, limit: state.assignment.policy.maxReads } };
  if (decision.kind !== 'FINISH') {
    const mayRead = decision.kind === 'READ' || decision.nextReadAtMs !== undefined;
    return { ...about, mayRead, unchanged: false };
  }
  const { verificationId } = input;
  const run = { workflowId: workflowIdOf(verificationId), runId: '' };
  const event = buildOutcomeEvent({ input, state, verdict: decision.verdict, ...run, nowMs });
  return { ...about, event, mayRead: false, unchanged: standingOutcome(known.revisions, { event, replay }) !== undefined };
}

/** The ledger answers a run only when it knows more reads that count; those given back are made anew. */
function recovered(state: State, { known, nowMs }: { readonly known: KnownCase; readonly nowMs: number }): State {
  const { counted, reads } = known.ledger;
  return counted === 0 ? state : evolve(state, { kind: 'LEDGER_RECOVERED', atMs: nowMs, reads: ledgerRecords(reads) });
}

function limitOf(state: State, left: number): Foresight['limit'] {
  const destroyed = state.reads.some(({ report }) => report?.kind === 'VENDOR_ERROR' && report.error === 'DATA_DESTROYED');
  if (destroyed) return 'RESULT_DESTROYED';
  return left === 0 ? 'QUOTA_EXHAUSTED' : 'WINDOW_PASSED';
}

/** The input of the run that executes the line: the home run's, under the line's policy, with the operator's order. */
export function orderedInput(
  input: VerificationInput,
  { policy, replay }: { readonly policy: PlanPolicy; readonly replay: ReplayOrder },
): VerificationInput {
  return { ...input, policy: { ...input.policy, requiredFar: policy.requiredFar }, comparisons: policy.comparisons, replay };
}

/**
 * The order as it is given now. It knows the earlier orders, so it is newer than all of them, also than one from a
 * machine whose clock is ahead of ours.
 */
export function orderOn(known: KnownCase, { mandate, nowMs }: { readonly mandate: ReplayMandate; readonly nowMs: number }): ReplayOrder {
  const { ruling, ...who } = mandate;
  const newestMs = newestOrderAtMs(known.revisions);
  const after = newestMs < nowMs ? {} : { after: new Date(newestMs).toISOString() };
  const requestedAt = new Date(nowMs).toISOString();
  return { ...who, homeRunId: known.ledger.homeRunId, requestedAt, ...after, ...ruledOn(known, ruling) };
}
