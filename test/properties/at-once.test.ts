import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import { isAnswered } from '../../src/domain/reading/report.ts';
import { type Decision, initialState, type State, type VerificationEvent } from '../../src/domain/state.ts';
import { inputAt } from '../support/verification-input.ts';
import { anyScript, anyTrouble, type Script } from './generators.ts';
import { play } from './play.ts';
import { runs } from './runs.ts';

const anyExtra = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('CANCEL_REQUESTED' as const) }),
    fc.record({
      kind: fc.constant('HINT_RECEIVED' as const),
      hint: fc.record({ kind: fc.constantFrom('SESSION_ENDED' as const, 'SESSION_FAILED' as const), trusted: fc.boolean() }),
    }),
  ),
  { maxLength: 3 },
);
const anyDelayMs = fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 200 * 3_600_000 }));

describe('an outcome that is published by the workflow task that decides', () => {
  test('is the same byte for byte when that task is repeated, whatever came meanwhile and however late it is', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyScript, anyExtra, anyDelayMs, (script, extra, delayMs) => {
        const { decisions, events } = play(script);
        const last = decisions.at(-1);
        if (last?.decision.kind !== 'FINISH' || last.decision.atOnce !== true) return;
        seen += 1;
        // A worker's clock may be behind: no outcome is older than the read that it rests on.
        expect(last.decision.decidedAtMs).toBeGreaterThanOrEqual(last.state.reads.at(-1)?.scheduledAtMs ?? Infinity);
        const atMs = last.nowMs + delayMs;
        const ended = events.at(-1);
        if (ended?.kind !== 'READ_ENDED') throw new Error('nothing but the end of a read settles at once');
        // What came meanwhile stands before the end of the read in the repeated task, or after it.
        const meanwhile = extra.map((event): VerificationEvent => ({ ...event, atMs }));
        for (const repeated of [
          [...meanwhile, { ...ended, atMs }],
          [{ ...ended, atMs }, ...meanwhile],
        ]) {
          const state = [...events.slice(0, -1), ...repeated].reduce(evolve, initialState(script.assignment));
          const again = decide(state, atMs);
          expect(again).toEqual(last.decision);
          expect(bytesOf(state, again)).toBe(bytesOf(last.state, last.decision));
        }
      }),
      runs(2_000),
    );
    expect(seen).toBeGreaterThan(100);
  });

  test('is never that of a cancellation, a deadline, used-up reads, an earlier emission, a replay, or a run that is away', () => {
    const seen = { atOnce: 0, away: 0, replayed: 0, repeated: 0, cancelled: 0, limited: 0 };
    fc.assert(
      fc.property(anyScript, anyTrouble, fc.constantFrom<Who>('HOME', 'HOME', 'GRANTED', 'REPLAYED'), (script, trouble, who) => {
        const { decisions, events } = play(madeBy(who, script), trouble);
        for (const { decision, nowMs, after } of decisions) {
          if (decision.kind !== 'FINISH') continue;
          const before = events.slice(0, after);
          const last = before.at(-1);
          const codes = decision.verdict.reasons.map(({ code }) => code);
          const not: Readonly<Record<Exclude<keyof typeof seen, 'atOnce'>, boolean>> = {
            away: before.some((event) => event.kind === 'LEDGER_RECOVERED' || (event.kind === 'READ_ENDED' && 'granted' in event.report)),
            replayed: who === 'REPLAYED',
            repeated: before.some(({ kind }) => kind === 'EMISSION_SCHEDULED'),
            cancelled: codes.includes('CANCELLED_BY_OPERATOR'),
            limited: last?.kind !== 'READ_ENDED' || last.atMs !== nowMs || codes.includes('STILL_PROCESSING'),
          };
          for (const why of ['away', 'replayed', 'repeated', 'cancelled', 'limited'] as const) seen[why] += Number(not[why]);
          seen.atOnce += Number(decision.atOnce === true);
          if (Object.values(not).includes(true)) expect(decision.atOnce).toBeUndefined();
        }
      }),
      runs(1_000),
    );
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(20);
  });

  test('is left to the ordinary activity in every repetition, with the same verdict and instant', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyScript, anyDelayMs, (script, delayMs) => {
        const { decisions, state } = play(script);
        const last = decisions.at(-1);
        if (last?.decision.kind !== 'FINISH' || last.decision.atOnce !== true) return;
        seen += 1;
        const { verdict, decidedAtMs } = last.decision;
        const emitting = evolve(state, { kind: 'EMISSION_SCHEDULED', atMs: decidedAtMs, verdict });
        expect(decide(emitting, last.nowMs + delayMs)).toEqual({ kind: 'FINISH', verdict, decidedAtMs });
      }),
      runs(500),
    );
    expect(seen).toBeGreaterThan(25);
  });
});

/** Whose reads they are: the home run's, those of a run with grants, or those of an operator's replay. */
type Who = 'HOME' | 'GRANTED' | 'REPLAYED';

function madeBy(who: Who, script: Script): Script {
  const { assignment, reports } = script;
  if (who === 'REPLAYED') return { ...script, assignment: { ...assignment, replayedAtMs: assignment.admittedAtMs } };
  if (who === 'HOME') return script;
  return { ...script, reports: reports.map((report) => (isAnswered(report) ? { ...report, granted: 1 } : report)) };
}

function bytesOf(state: State, decision: Decision): string {
  if (decision.kind !== 'FINISH') throw new Error('it is decided');
  const { verdict, decidedAtMs } = decision;
  const input = inputAt(state.assignment.admittedAtMs, { verificationId: state.assignment.verificationId });
  return JSON.stringify(buildOutcomeEvent({ input, state, verdict, workflowId: 'fv-a', runId: 'r', nowMs: decidedAtMs }));
}
