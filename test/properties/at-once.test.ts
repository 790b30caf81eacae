import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import { type Decision, initialState, type State, type VerificationEvent } from '../../src/domain/state.ts';
import { inputAt } from '../support/verification-input.ts';
import { anyScript } from './generators.ts';
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

  test('is never that of a cancellation, of a deadline, of used-up reads, or of a run that has learnt to be away', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { decision, state } of play(script).decisions) {
          if (decision.kind !== 'FINISH' || decision.atOnce !== true) continue;
          const codes = decision.verdict.reasons.map(({ code }) => code);
          expect(codes).not.toContain('CANCELLED_BY_OPERATOR');
          expect([state.away, state.emission, script.assignment.replayedAtMs]).toEqual([undefined, undefined, undefined]);
        }
      }),
      runs(500),
    );
  });

  test('is left to the ordinary activity in every repetition, with the same verdict and instant', () => {
    fc.assert(
      fc.property(anyScript, anyDelayMs, (script, delayMs) => {
        const { decisions, state } = play(script);
        const last = decisions.at(-1);
        if (last?.decision.kind !== 'FINISH' || last.decision.atOnce !== true) return;
        const { verdict, decidedAtMs } = last.decision;
        const emitting = evolve(state, { kind: 'EMISSION_SCHEDULED', atMs: decidedAtMs, verdict });
        expect(decide(emitting, last.nowMs + delayMs)).toEqual({ kind: 'FINISH', verdict, decidedAtMs });
      }),
      runs(500),
    );
  });
});

function bytesOf(state: State, decision: Decision): string {
  if (decision.kind !== 'FINISH') throw new Error('it is decided');
  const { verdict, decidedAtMs } = decision;
  const input = inputAt(state.assignment.admittedAtMs, { verificationId: state.assignment.verificationId });
  return JSON.stringify(buildOutcomeEvent({ input, state, verdict, workflowId: 'fv-a', runId: 'r', nowMs: decidedAtMs }));
}
