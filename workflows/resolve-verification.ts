import { CancellationScope, condition, patched, setCurrentDetails } from '@temporalio/workflow';
import { exhausted } from '../src/domain/exhaustive.ts';
import { assignmentOf } from '../src/contracts/assignment.ts';
import { STRUCK_OFF_LABEL, waitLabel } from '../src/contracts/text/labels.ts';
import { story } from '../src/contracts/text/story.ts';
import type { VerificationInput, VerificationResult } from '../src/contracts/workflow.ts';
import { decide } from '../src/domain/decide.ts';
import { evolve } from '../src/domain/evolve.ts';
import { isUnconfirmed, type RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import { isJudgedAnew } from '../src/domain/judging/former-rules.ts';
import { ledgerRecords } from '../src/domain/ledger/ledger.ts';
import { isRepeated } from '../src/domain/reading/hints.ts';
import type { ReadReport } from '../src/domain/reading/report.ts';
import { type Hint, initialState, type State, type VerificationEvent } from '../src/domain/state.ts';
import { finish } from './emit.ts';
import { installHandlers } from './handlers.ts';
import { assertInput } from './input.ts';
import { callsSpent, type Moment, type Waiting } from './moment.ts';
import { orderOf, read } from './read.ts';
import { viewOf } from './view.ts';
import { showWaiting } from './visibility.ts';

const REPEATED_HINTS_PATCH = 'repeated-hints';
const UNCONFIRMED_READS_PATCH = 'unconfirmed-reads';
const STRUCK_OFF_PATCH = 'pause-after-struck-off';
const VENDOR_RULES_PATCH = 'vendor-rules';
const MOST_DOUBLINGS = 6;

/**
 * One token's life: decide, act, evolve, until the outcome is on Kafka. Every rule is the domain's; the policy and the
 * deadline come with the input, so a running verification keeps the rules it was admitted under.
 *
 * It completes with its outcome whatever that is. Cancelling it is an event like any other: a read in flight still counts
 * and its answer is used, the outcome is emitted, and the run ends as completed, not cancelled. A failed run is a bug, or one that `emit` refuses.
 */
export async function resolveVerification(input: VerificationInput): Promise<VerificationResult> {
  assertInput(input);
  // Noticed on the root scope; the work itself runs where a cancellation cannot throw away a read that is paid for.
  const { cancelRequested } = CancellationScope.current();
  return CancellationScope.nonCancellable(() => resolve(input, cancelRequested));
}

async function resolve(input: VerificationInput, cancelRequested: Promise<never>): Promise<VerificationResult> {
  let state = initialState(assignmentOf(input));
  let struckOff = 0;
  const record = (event: VerificationEvent): void => {
    state = evolve(state, event);
  };
  installHandlers({
    onHint: (hint) => record({ kind: 'HINT_RECEIVED', atMs: Date.now(), hint: asCounted(hint, state) }),
    view: () => viewOf(input, { state, decision: decide(state, Date.now()) }),
  });
  cancelRequested.catch(() => record({ kind: 'CANCEL_REQUESTED', atMs: Date.now() }));

  for (;;) {
    const decision = decide(state, Date.now());
    switch (decision.kind) {
      case 'READ': {
        record({ kind: 'READ_SCHEDULED', atMs: Date.now(), trigger: decision.trigger });
        tell(input, { state, decision });
        const answer = await read(orderOf(input, { ...decision, state }), () => state.cancelled);
        if (answer.kind === 'RECOVERED') record(recovered(answer, state));
        else record(ended(answer, state));
        break;
      }
      case 'WAIT':
        tell(input, { state, decision });
        showWaiting(callsSpent(state));
        await waitForChange(decision, () => state);
        break;
      case 'FINISH': {
        const answer = await finish(input, { state, decision });
        if (!('kind' in answer)) return answer;
        const counted = callsSpent(state);
        record(recovered(answer, state));
        if (!state.cancelled && callsSpent(state) < counted && patched(STRUCK_OFF_PATCH)) {
          struckOff += 1;
          await pauseAfterStruckOff(input, { struckOff, isCancelled: () => state.cancelled });
        }
        break;
      }
      default:
        return exhausted(decision);
    }
  }
}

/** The same in every run: only an activity knows whether there is more to know, so no code here asks which run this is. */
function recovered({ reads }: RecoveredReads, state: State): VerificationEvent {
  const records = ledgerRecords(reads);
  const former = records.some(({ report }) => followsFormerRules(state, report));
  return { kind: 'LEDGER_RECOVERED', atMs: Date.now(), reads: former ? records.map((read) => ({ ...read, formerRules: true })) : records };
}

/** A history in which a replay went on by plan after a lost dispatch must do so in every replay of it. */
function ended(report: ReadReport, state: State): VerificationEvent {
  const event = { kind: 'READ_ENDED', atMs: Date.now(), report } as const;
  const asRecorded = followsFormerRules(state, report) ? ({ ...event, formerRules: true } as const) : event;
  return isUnconfirmed(state, report) && patched(UNCONFIRMED_READS_PATCH) ? { ...asRecorded, unconfirmed: true } : asRecorded;
}

/** A history that went on after such a report by the rules of version 0.1 must do so in every replay of it. */
function followsFormerRules(state: State, report: ReadReport): boolean {
  return isJudgedAnew(state, report) && !patched(VENDOR_RULES_PATCH);
}

/** A history in which a repeated hint brought a read about must bring it about in every replay. */
function asCounted(hint: Hint, state: State): Hint {
  return isRepeated(state, hint) && !patched(REPEATED_HINTS_PATCH) ? { kind: hint.kind, trusted: hint.trusted } : hint;
}

/** Until the time is up, or something came that can change the decision; a hint that coalesced into another cannot. */
async function waitForChange(wait: Waiting, current: () => State): Promise<void> {
  const nowMs = Date.now();
  const { hint, cancelled } = current();
  await condition(() => current().hint !== hint || current().cancelled !== cancelled, Math.max(1, wait.untilMs - nowMs), {
    summary: waitLabel(wait, nowMs),
  });
}

/** Reads that fail at once and never ask the vendor would otherwise be made as fast as they fail, until the history is full. */
async function pauseAfterStruckOff(
  { policy, deadlineAt }: VerificationInput,
  { struckOff, isCancelled }: { readonly struckOff: number; isCancelled(): boolean },
): Promise<void> {
  setCurrentDetails(`**Now** ${STRUCK_OFF_LABEL}`);
  const pauseMs = policy.errorBackoffMs * 2 ** Math.min(struckOff - 1, MOST_DOUBLINGS);
  await condition(isCancelled, Math.max(1, Math.min(pauseMs, Date.parse(deadlineAt) - Date.now())), { summary: STRUCK_OFF_LABEL });
}

function tell(input: VerificationInput, moment: Moment): void {
  setCurrentDetails(story({ ...moment, deadlineAtMs: Date.parse(input.deadlineAt), nowMs: Date.now() }));
}
