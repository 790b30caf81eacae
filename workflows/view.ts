import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { heldText } from '../src/contracts/text/gate.ts';
import { waitText } from '../src/contracts/text/labels.ts';
import { type Chapter, story } from '../src/contracts/text/story.ts';
import {
  SEARCH_ATTRIBUTES,
  type Stage,
  type VerificationInput,
  type VerificationResult,
  type VerificationView,
} from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import { exhausted } from '../src/domain/exhaustive.ts';
import { heldBy } from '../src/domain/reading/parking.ts';
import { accountOf } from '../src/domain/reading/slots.ts';
import { primaryOf } from '../src/domain/reasons.ts';
import type { Decision, State } from '../src/domain/state.ts';
import type { Verdict } from '../src/domain/verdict.ts';
import { actorOf } from './input.ts';

/** What is known and what follows from it, at one point of a workflow's life. */
export type Moment = { readonly state: State; readonly decision: Decision };

/** The answer of the `state` query. `readsCounted` includes the uncertain ones, as in the outcome. */
export function viewOf(input: VerificationInput, { state, decision }: Moment): VerificationView {
  const reading = state.reads.some(({ report }) => report === undefined);
  const held = heldBy(state);
  // In the query as well, which finds no decision to read while the read waits.
  const isHeld = held !== undefined && (reading || decision.kind === 'READ' || (decision.kind === 'WAIT' && decision.why === 'HELD'));
  // A read that is held back counts from its order on, like any; it would be odd to show it as used.
  const { counted, uncertain } = accountOf(isHeld ? { ...state, reads: state.reads.filter(({ report }) => report !== undefined) } : state);
  return {
    verificationId: input.verificationId,
    stage: stageAt(decision, { reading, isHeld }),
    readsCounted: counted,
    readsUncertain: uncertain,
    maxReads: input.policy.maxReads,
    deadlineAt: input.deadlineAt,
    ...(reading ? {} : progressOf(decision)),
    ...(isHeld ? { waitingFor: heldText(held, Date.now()) } : {}),
    // A fixed outcome stays fixed while its emission is stopped.
    ...(state.emission === undefined ? {} : conclusionOf(state.emission.verdict)),
  };
}

function stageAt(decision: Decision, { reading, isHeld }: { readonly reading: boolean; readonly isHeld: boolean }): Stage {
  if (isHeld) return 'HELD';
  return reading ? 'READING' : stageOf(decision);
}

function stageOf(decision: Decision): Stage {
  const stages = { READ: 'READING', WAIT: 'WAITING', FINISH: 'DECIDED' } as const;
  return stages[decision.kind];
}

function progressOf(decision: Decision): Partial<VerificationView> {
  switch (decision.kind) {
    case 'READ':
      return {};
    case 'WAIT': {
      const { why, nextReadAtMs } = decision;
      return { waitingFor: waitText(why), ...(nextReadAtMs === undefined ? {} : { nextReadAt: new Date(nextReadAtMs).toISOString() }) };
    }
    case 'FINISH':
      return conclusionOf(decision.verdict);
    default:
      return exhausted(decision);
  }
}

function conclusionOf({ outcome, reasons }: Verdict): Pick<VerificationView, 'outcome' | 'reason'> {
  return { outcome, ...defined({ reason: primaryOf(reasons)?.code }) };
}

/** Shows in the Temporal UI where the verification stands: its current details and, for the list page, its search attributes. */
export function show(input: VerificationInput, moment: Moment, published: Pick<Chapter, 'actor' | 'emission'> = actorOf(input)): void {
  const deadlineAtMs = Date.parse(input.deadlineAt);
  setCurrentDetails(story({ ...moment, deadlineAtMs, nowMs: Date.now(), ...published }));
  showOnList(viewOf(input, moment));
}

type Finished = { readonly state: State; readonly decision: Extract<Decision, { kind: 'FINISH' }> };

/** Shows what was published: where an earlier outcome stands, that one and not what this run made of its reads. */
export function showPublished(input: VerificationInput, { state, decision }: Finished, { outcome, emission }: VerificationResult): void {
  const { emission: _over, ...known } = state;
  show(input, { state: known, decision: { ...decision, verdict: outcome } }, { actor: outcome.actor, emission });
}

/** Takes the outcome off the list page again, as it must not be published, and says why in the details. */
export function showUndecided(why: string): void {
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.outcome, value: null },
    { key: SEARCH_ATTRIBUTES.reason, value: null },
  ]);
  setCurrentDetails(`**Now** ended without an outcome: ${why}`);
}

/**
 * Shows what the list page does not say yet: one event and one billed action, in the workflow task that starts the timer
 * or the activity anyway. A read alone is no reason, because it is over within seconds.
 */
function showOnList({ stage, readsCounted, outcome, reason }: VerificationView): void {
  const shown = workflowInfo().typedSearchAttributes;
  const keyword = [
    { key: SEARCH_ATTRIBUTES.stage, value: stage },
    // An outcome that is shown may be a copy (a start by hand copies it), or withdrawn: the ledger brought reads to light.
    { key: SEARCH_ATTRIBUTES.outcome, value: outcome ?? null },
    { key: SEARCH_ATTRIBUTES.reason, value: reason ?? null },
  ].filter(({ key, value }) => (shown.get(key) ?? null) !== value);
  const count = [{ key: SEARCH_ATTRIBUTES.readsCounted, value: readsCounted }].filter(({ key, value }) => shown.get(key) !== value);
  const stale = keyword.some(({ key }) => key !== SEARCH_ATTRIBUTES.stage);
  if (stage === 'READING' && !stale) return;
  if (keyword.length + count.length > 0) upsertSearchAttributes([...keyword, ...count]);
}
