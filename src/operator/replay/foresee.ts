import { assignmentOf } from '../../contracts/assignment.ts';
import { decide } from '../../domain/decide.ts';
import { evolve } from '../../domain/evolve.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { ledgerRecords } from '../../domain/ledger/ledger.ts';
import { standingOutcome } from '../../domain/ledger/revisions.ts';
import { buildOutcomeEvent, type OutcomeEvent } from '../../domain/outcome.ts';
import { accountOf } from '../../domain/reading/slots.ts';
import { initialState, type State } from '../../domain/state.ts';
import type { PlanPolicy } from './plan-line.ts';
import type { KnownCase } from './ports.ts';
import { orderOn, replayInput } from './replay-input.ts';

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
export function foresee(known: KnownCase, { policy, nowMs }: { readonly policy: PlanPolicy; readonly nowMs: number }): Foresight {
  const replay = orderOn(known, { mandate: { operator: '', reason: '' }, nowMs });
  const input = replayInput(known.input, { policy, replay });
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
