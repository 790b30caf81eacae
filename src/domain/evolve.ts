import { defined } from './defined.ts';
import { exhausted } from './exhaustive.ts';
import { isUnconfirmed } from './ledger/asking-run.ts';
import { hear, hintIsOpen, isRepeated } from './reading/hints.ts';
import { countedReads } from './reading/slots.ts';
import type { Decision, Hint, LedgerRecord, ReadRecord, State, VerificationEvent } from './state.ts';

/** Applies one event. Pure and total: an event that does not fit (an end without a read in flight) changes nothing. */
export function evolve(state: State, event: VerificationEvent): State {
  switch (event.kind) {
    case 'READ_SCHEDULED': {
      const { atMs, trigger, parked } = event;
      const read: ReadRecord = { number: state.reads.length + 1, scheduledAtMs: atMs, trigger, ...defined({ parked }) };
      return { ...state, reads: [...state.reads, read] };
    }
    case 'READ_ENDED': {
      const inFlight = state.reads.findIndex((read) => read.report === undefined);
      const unconfirmed = isUnconfirmed(state, event.report) ? ({ unconfirmed: true } as const) : {};
      const ended = { report: event.report, endedAtMs: event.atMs, ...unconfirmed };
      const away = 'granted' in event.report ? ({ away: true } as const) : {};
      return { ...state, ...away, reads: state.reads.map((read, index) => (index === inFlight ? { ...read, ...ended } : read)) };
    }
    case 'LEDGER_RECOVERED':
      return recovered(state, event);
    case 'EMISSION_SCHEDULED': {
      // The bytes are fixed with the first attempt, which may have been sent: a repetition changes neither verdict nor instant.
      const { verdict, decidedAtMs, stops } = state.emission ?? { verdict: event.verdict, decidedAtMs: event.atMs, stops: 0 };
      return { ...state, emission: { verdict, decidedAtMs, stops } };
    }
    case 'EMISSION_STOPPED': {
      const { emission } = state;
      if (emission === undefined) return state;
      return { ...state, emission: { ...emission, stops: emission.stops + 1, stoppedAtMs: event.atMs } };
    }
    case 'HINT_RECEIVED':
      if (isRepeated(state, event.hint)) return state;
      return { ...state, hint: coalesce(state, event), heard: hear(state, event.hint) };
    case 'CANCEL_REQUESTED':
      // Temporal hands a run its first cancellation only; what follows from it must not depend on a second one.
      return state.cancelled ? state : { ...resumed(state), cancelled: true };
    default:
      return exhausted(event, state);
  }
}

/** What is recorded when a read is ordered, before anything can come of it. */
export function readScheduled({ trigger, parked }: Extract<Decision, { kind: 'READ' }>, atMs: number): VerificationEvent {
  return { kind: 'READ_SCHEDULED', atMs, trigger, ...defined({ parked }) };
}

/**
 * The ledger knows every read of every run, so it replaces what this run knew; the one in flight was not made, and an
 * outcome that was about to be published is withdrawn.
 */
function recovered(state: State, { atMs, reads }: { readonly atMs: number; readonly reads: readonly LedgerRecord[] }): State {
  const { emission: _withdrawn, ...rest } = state;
  const over = { ...state, reads: state.reads.filter(({ report }) => report !== undefined) };
  const known: State = { ...rest, away: true, reads: reads.map((read, index) => ({ ...read, number: index + 1 })) };
  if (countedReads(known).length >= countedReads(over).length) return known;
  return { ...known, struckOff: { times: (state.struckOff?.times ?? 0) + 1, lastAtMs: atMs } };
}

/** A cancellation ends the pause of an emission that was stopped: it is sent again at once. */
function resumed(state: State): State {
  if (state.emission === undefined) return state;
  const { stoppedAtMs: _over, ...emission } = state.emission;
  return { ...state, emission };
}

/** An open hint keeps its time, so repeated hints never postpone a read; trust, once given, stays with it. */
function coalesce(state: State, event: { readonly atMs: number; readonly hint: Hint }): Hint & { readonly receivedAtMs: number } {
  const { hint } = state;
  if (hint === undefined || !hintIsOpen(state)) return { ...event.hint, receivedAtMs: event.atMs };
  if (hint.trusted || !event.hint.trusted) return hint;
  return { ...event.hint, receivedAtMs: hint.receivedAtMs };
}
