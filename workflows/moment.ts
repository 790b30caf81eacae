import { accountOf } from '../src/domain/reading/slots.ts';
import type { Decision, State } from '../src/domain/state.ts';

export type Waiting = Extract<Decision, { kind: 'WAIT' }>;
export type Finishing = Extract<Decision, { kind: 'FINISH' }>;

/** What is known and what follows from it, at one point of a workflow's life. */
export type Moment<D extends Decision = Decision> = { readonly state: State; readonly decision: D };

/** Reads that count against the vendor's quota, those of unknown effect included. */
export function callsSpent(state: State): number {
  return accountOf(state).counted;
}
