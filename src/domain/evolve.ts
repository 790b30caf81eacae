import { defined } from './defined.ts';
import { exhausted } from './exhaustive.ts';
import { hear, isRepeated } from './reading/hints.ts';
import { countedReads } from './reading/slots.ts';
import type { Hint, ReadRecord, State, VerificationEvent } from './state.ts';

/** Applies one event. Pure and total: an event that does not fit (an end without a read in flight) changes nothing. */
export function evolve(state: State, event: VerificationEvent): State {
  switch (event.kind) {
    case 'READ_SCHEDULED': {
      const read: ReadRecord = { number: state.reads.length + 1, scheduledAtMs: event.atMs, trigger: event.trigger };
      return { ...state, reads: [...state.reads, read] };
    }
    case 'READ_ENDED': {
      const inFlight = state.reads.findIndex((read) => read.report === undefined);
      const { unconfirmed, formerRules } = event;
      const ended = { report: event.report, endedAtMs: event.atMs, ...defined({ unconfirmed, formerRules }) };
      return { ...state, reads: state.reads.map((read, index) => (index === inFlight ? { ...read, ...ended } : read)) };
    }
    case 'LEDGER_RECOVERED':
      // The ledger knows every read of every run, so it replaces what this run knew; the one in flight was not made.
      return { ...state, reads: event.reads.map((read, index) => ({ ...read, number: index + 1 })) };
    case 'HINT_RECEIVED':
      if (isRepeated(state, event.hint)) return state;
      return { ...state, hint: coalesce(state, event), heard: hear(state, event.hint) };
    case 'CANCEL_REQUESTED':
      return { ...state, cancelled: true };
    default:
      return exhausted(event, state);
  }
}

/** True until a read that counts was scheduled after the hint came. */
export function hintIsOpen(state: State): boolean {
  const { hint } = state;
  if (hint === undefined) return false;
  return countedReads(state).every(({ record }) => record.scheduledAtMs < hint.receivedAtMs);
}

/** An open hint keeps its time, so repeated hints never postpone a read; trust, once given, stays with it. */
function coalesce(state: State, event: { readonly atMs: number; readonly hint: Hint }): Hint & { readonly receivedAtMs: number } {
  const { hint } = state;
  if (hint === undefined || !hintIsOpen(state)) return { ...event.hint, receivedAtMs: event.atMs };
  if (hint.trusted || !event.hint.trusted) return hint;
  return { ...event.hint, receivedAtMs: hint.receivedAtMs };
}
