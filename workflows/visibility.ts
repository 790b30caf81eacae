import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../src/contracts/workflow.ts';
import type { Verdict } from '../src/domain/verdict.ts';

const OUTCOME = { name: 'VfOutcome', type: SEARCH_ATTRIBUTES.VfOutcome } as const;
const REASON = { name: 'VfReason', type: SEARCH_ATTRIBUTES.VfReason } as const;
const STAGE = { name: 'VfStage', type: SEARCH_ATTRIBUTES.VfStage } as const;
const CALLS_SPENT = { name: 'VfCallsSpent', type: SEARCH_ATTRIBUTES.VfCallsSpent } as const;

/**
 * Shows on the list page that it waits. One event and one billed action, hence only when something changed, and in the
 * workflow task that starts the timer anyway.
 */
export function showWaiting(callsSpent: number): void {
  const shown = workflowInfo().typedSearchAttributes;
  const stale = [OUTCOME, REASON].filter((key) => shown.get(key) !== undefined);
  if (shown.get(STAGE) === 'WAITING' && shown.get(CALLS_SPENT) === callsSpent && stale.length === 0) {
    return;
  }
  upsertSearchAttributes([
    { key: STAGE, value: 'WAITING' },
    { key: CALLS_SPENT, value: callsSpent },
    // Copied by a start by hand, or shown before the ledger brought more reads to light.
    ...stale.map((key) => ({ key, value: null })),
  ]);
}

/** Shows the outcome on the list page; in the workflow task that schedules the emission. */
export function showDecided(verdict: Verdict, callsSpent: number): void {
  const [primary] = verdict.reasons;
  upsertSearchAttributes([
    { key: OUTCOME, value: verdict.outcome },
    ...(primary === undefined ? noReason() : [{ key: REASON, value: primary.code }]),
    { key: STAGE, value: 'DECIDED' },
    { key: CALLS_SPENT, value: callsSpent },
  ]);
}

/** Takes the outcome off the list page again: it was not published. */
export function showUndecided(): void {
  upsertSearchAttributes([
    { key: OUTCOME, value: null },
    { key: REASON, value: null },
  ]);
}

/** A reason shown before would contradict an outcome without one. */
function noReason(): { key: typeof REASON; value: null }[] {
  return workflowInfo().typedSearchAttributes.get(REASON) === undefined ? [] : [{ key: REASON, value: null }];
}
