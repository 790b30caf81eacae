import type { VerificationInput } from '../../contracts/workflow.ts';
import type { ReplayOrder } from '../../domain/ledger/asking-run.ts';
import { newestOrderAtMs } from '../../domain/ledger/revisions.ts';
import type { PlanPolicy } from './plan-line.ts';
import type { KnownCase, ReplayMandate } from './ports.ts';

/** The input of the run that executes the line: the home run's, under the line's policy, with the operator's order. */
export function replayInput(
  input: VerificationInput,
  { policy, replay }: { readonly policy: PlanPolicy; readonly replay: ReplayOrder },
): VerificationInput {
  return { ...input, policy: { ...input.policy, requiredFar: policy.requiredFar }, comparisons: policy.comparisons, replay };
}

/**
 * The order as it is given now. It knows the earlier orders, so it is newer than all of them, also than one from a
 * machine whose clock is ahead of ours.
 */
export function orderOn(
  { ledger, revisions }: KnownCase,
  { mandate, nowMs }: { readonly mandate: ReplayMandate; readonly nowMs: number },
): ReplayOrder {
  const newestMs = newestOrderAtMs(revisions);
  const after = newestMs < nowMs ? {} : { after: new Date(newestMs).toISOString() };
  return { ...mandate, homeRunId: ledger.homeRunId, requestedAt: new Date(nowMs).toISOString(), ...after };
}
