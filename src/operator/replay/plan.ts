import { exhausted } from '../../domain/exhaustive.ts';
import { outcomeEventId } from '../../domain/ids.ts';
import { isVerdict } from '../../domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../../domain/outcome.ts';
import { foresee, type Foresight } from './foresee.ts';
import type { PlanLine, PlanPolicy, PolicyAsked } from './plan-line.ts';
import type { KnownCase, ReplayCase } from './ports.ts';

export type PlanQuestion = {
  readonly verificationId: string;
  readonly asked: PolicyAsked;
  /** Set if it was selected by its outcome: what visibility shows may be an earlier run's. */
  readonly selected?: { readonly outcome?: string; readonly reason?: string };
  readonly nowMs: number;
};

/**
 * What a replay of this verification would do now (reference §5.1), found by letting the domain decide over the ledger
 * as the replayed run will. Pure. Reads happen only where there is no verdict: EXPIRED and ERROR mean "we do not know".
 */
export function planReplay(known: ReplayCase, question: PlanQuestion): PlanLine {
  const { verificationId } = question;
  switch (known.kind) {
    case 'NOT_FOUND':
      return { verificationId, action: 'REFUSE', code: 'NOT_FOUND' };
    case 'RUNNING':
      return { verificationId, action: 'REFUSE', code: 'STILL_RUNNING' };
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
  const asked = { ...present, ...question.asked };
  const under = (policy: PlanPolicy): Foresight => foresee(known, { policy, nowMs: question.nowMs });
  const changed = under(asked);
  // Another policy with the same verdict is no news: consumers get what they had.
  const [policy, foresight] = saysTheSame(changed, latest) ? [present, under(present)] : [asked, changed];
  const { action, code } = isStillSelected(latest, question.selected)
    ? choose(known, foresight)
    : ({ action: 'REFUSE', code: 'NO_LONGER_SELECTED' } as const);
  return {
    verificationId: question.verificationId,
    action,
    code,
    homeRunId: known.ledger.homeRunId,
    reads: { ...foresight.reads, atMost: action === 'READ' ? foresight.reads.left : 0 },
    window: { endsAt: known.input.deadlineAt, leftMs: Math.max(0, Date.parse(known.input.deadlineAt) - question.nowMs) },
    ...(latest === undefined ? {} : { present: presentOf(latest) }),
    ...(action === 'RE_DECIDE' && foresight.event !== undefined ? { next: saidBy(foresight.event) } : {}),
    policy,
  };
}

function choose({ revisions, owed }: KnownCase, foresight: Foresight): Pick<PlanLine, 'action' | 'code'> {
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

function isStillSelected(latest: OutcomeEvent | undefined, selected: PlanQuestion['selected']): boolean {
  if (selected === undefined || latest === undefined) return true;
  const { outcome = latest.outcome, reason = latest.reasons[0]?.code } = selected;
  return outcome === latest.outcome && reason === latest.reasons[0]?.code;
}

function saysTheSame({ event }: Foresight, latest: OutcomeEvent | undefined): boolean {
  if (event === undefined || latest === undefined) return false;
  return JSON.stringify(saidBy(event)) === JSON.stringify(saidBy(latest));
}

function presentOf(event: OutcomeEvent): NonNullable<PlanLine['present']> {
  return { ceId: outcomeEventId(event.verificationId, event.revision), ...saidBy(event) };
}

function saidBy({ outcome, reasons }: OutcomeEvent): NonNullable<PlanLine['next']> {
  return { outcome, reasons: reasons.map(({ code }) => code) };
}
