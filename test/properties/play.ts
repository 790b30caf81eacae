import { decide } from '../../src/domain/decide.ts';
import { evolve, readScheduled } from '../../src/domain/evolve.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { type Decision, initialState, type State, type VerificationEvent } from '../../src/domain/state.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { ledgerRecords } from '../../src/domain/ledger/ledger.ts';
import type { Happening, Script, Trouble } from './generators.ts';

export type PlayedRead = { readonly atMs: number; readonly endedAtMs: number; readonly slot: number; readonly report: ReadReport };

export type Played = {
  readonly state: State;
  readonly events: readonly VerificationEvent[];
  readonly reads: readonly PlayedRead[];
  /** `after`: of so many events. */
  readonly decisions: readonly { readonly nowMs: number; readonly after: number; readonly state: State; readonly decision: Decision }[];
  readonly verdict: Verdict;
  readonly endedAtMs: number;
};

/**
 * Plays a script against decide and evolve, as the workflow does, and keeps its own record of what was done.
 * Reports and durations repeat; after the happenings only time passes.
 */
export function play(script: Script, trouble: Trouble = { atRead: -1, atEmissions: [], reads: [] }): Played {
  const { assignment, reports, happenings, readMs } = script;
  const events: VerificationEvent[] = [];
  const reads: PlayedRead[] = [];
  const decisions: { nowMs: number; after: number; state: State; decision: Decision }[] = [];
  let state = initialState(assignment);
  let nowMs = assignment.admittedAtMs;
  let waits = 0;
  let emissions = 0;
  let dispatches = 0;
  const record = (event: VerificationEvent): void => {
    events.push(event);
    state = evolve(state, event);
  };
  for (let step = 0; step < 4000; step += 1) {
    const decision = decide(state, nowMs);
    decisions.push({ nowMs, after: events.length, state, decision });
    if (decision.kind === 'FINISH') {
      const instead = trouble.atEmissions[emissions];
      if (instead === undefined) return { state, events, reads, decisions, verdict: decision.verdict, endedAtMs: nowMs };
      emissions += 1;
      record({ kind: 'EMISSION_SCHEDULED', atMs: nowMs, verdict: decision.verdict });
      record(instead === 'STOPPED' ? { kind: 'EMISSION_STOPPED', atMs: nowMs } : learnt(trouble, nowMs));
      continue;
    }
    if (decision.kind === 'READ') {
      const report = at(reports, reads.length);
      const atMs = nowMs;
      record(readScheduled(decision, atMs));
      nowMs += at(readMs, reads.length);
      dispatches += 1;
      if (dispatches - 1 === trouble.atRead) {
        record(learnt(trouble, nowMs));
        continue;
      }
      record({ kind: 'READ_ENDED', atMs: nowMs, report });
      reads.push({ atMs, endedAtMs: nowMs, slot: decision.slot, report });
      continue;
    }
    const happening = happenings[waits] ?? { kind: 'JUMP', share: 1 };
    waits += 1;
    nowMs += Math.max(1, Math.floor((decision.untilMs - nowMs) * shareOf(happening)));
    if (happening.kind === 'HINT') record({ kind: 'HINT_RECEIVED', atMs: nowMs, hint: happening.hint });
    if (happening.kind === 'CANCEL') record({ kind: 'CANCEL_REQUESTED', atMs: nowMs });
  }
  throw new Error('did not end within 4000 steps');
}

function learnt({ reads }: Trouble, atMs: number): VerificationEvent {
  return { kind: 'LEDGER_RECOVERED', atMs, reads: ledgerRecords(reads) };
}

function shareOf(happening: Happening): number {
  return happening.kind === 'CANCEL' ? 0.5 : happening.share;
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('needs at least one item');
  return item;
}
