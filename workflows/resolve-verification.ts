import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { assignmentOf } from '../src/contracts/assignment.ts';
import { waitLabel } from '../src/contracts/text/labels.ts';
import type { VerificationInput, VerificationResult } from '../src/contracts/workflow.ts';
import { decide } from '../src/domain/decide.ts';
import { evolve, readScheduled } from '../src/domain/evolve.ts';
import { exhausted } from '../src/domain/exhaustive.ts';
import { type Decision, initialState, type VerificationEvent } from '../src/domain/state.ts';
import { emit, emitAtOnce } from './emit.ts';
import { installHandlers } from './handlers.ts';
import { assertInput } from './input.ts';
import { read } from './read.ts';
import { show, showPublished, viewOf } from './view.ts';

/**
 * One token's life: decide, act, evolve, until the outcome is on Kafka. Every rule is the domain's, every pause and every
 * repetition included (ADR 0015); the policy and the deadline come with the input, so a running verification keeps the
 * rules it was admitted under.
 *
 * It completes with its outcome whatever that is. Cancelling it is an event like any other: a read in flight still counts
 * and its answer is used, the outcome is emitted, and the run ends as completed, not cancelled. A failed run is a bug, or
 * one whose outcome must not be published (see `emit`).
 */
export function resolveVerification(input: VerificationInput): Promise<VerificationResult> {
  assertInput(input);
  // Noticed on the root scope; the work itself runs where a cancellation cannot throw away a read that is paid for.
  const { cancelRequested } = CancellationScope.current();
  return CancellationScope.nonCancellable(() => resolve(input, cancelRequested));
}

async function resolve(input: VerificationInput, cancelRequested: Promise<never>): Promise<VerificationResult> {
  let state = initialState(assignmentOf(input));
  let pause: CancellationScope | undefined;
  const record = (event: VerificationEvent): void => {
    const before = state;
    state = evolve(state, event);
    // A pause is over once something came that can change the decision; a hint that coalesced into another cannot.
    if (state.hint !== before.hint || state.cancelled !== before.cancelled) pause?.cancel();
  };
  installHandlers({
    onHint: (hint) => record({ kind: 'HINT_RECEIVED', atMs: Date.now(), hint }),
    view: () => viewOf(input, { state, decision: decide(state, Date.now()) }),
  });
  cancelRequested.catch(() => record({ kind: 'CANCEL_REQUESTED', atMs: Date.now() }));

  for (;;) {
    const decision = decide(state, Date.now());
    switch (decision.kind) {
      case 'READ':
        record(readScheduled(decision, Date.now()));
        show(input, { state, decision });
        record(await read(input, { state, decision, cancelRequested }));
        break;
      case 'WAIT':
        show(input, { state, decision });
        pause = new CancellationScope();
        await waitForChange(decision, pause);
        break;
      case 'FINISH': {
        record({ kind: 'EMISSION_SCHEDULED', atMs: decision.decidedAtMs, verdict: decision.verdict });
        // What is published at once is shown when it has been: nobody could see anything of this task before it is over.
        if (decision.atOnce !== true) show(input, { state, decision });
        const emitting = decision.atOnce === true ? emitAtOnce : emit;
        const answer = await emitting(input, { state, decision });
        if (answer === undefined) break;
        if (!('kind' in answer)) {
          showPublished(input, { state, decision }, answer);
          return answer;
        }
        record(answer);
        break;
      }
      default:
        return exhausted(decision);
    }
  }
}

/** Until the time is up, or the pause is cancelled. */
async function waitForChange(decision: Extract<Decision, { kind: 'WAIT' }>, pause: CancellationScope): Promise<void> {
  const nowMs = Date.now();
  try {
    await pause.run(() => sleep(Math.max(1, decision.untilMs - nowMs), { summary: waitLabel(decision, nowMs) }));
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}
