import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { initialState, type State, type VerificationEvent } from '../../src/domain/state.ts';
import { runs } from '../properties/runs.ts';
import { inputAt } from '../support/verification-input.ts';
import * as s from './samples.ts';

const NOW_MS = s.T0 + 30 * s.HOUR;

/** The run of a decision that has learnt of these reads. */
function ruledState(ruled: 'APPROVED' | 'REJECTED', reads: readonly ReadReport[]): State {
  const state: State = initialState(s.assignmentWith({ ruled, replayedAtMs: NOW_MS }));
  const known = reads.map((report, index) => ({ scheduledAtMs: s.T0 + index * s.MINUTE, trigger: 'SCHEDULE' as const, report }));
  return evolve(state, { kind: 'LEDGER_RECOVERED', atMs: NOW_MS, reads: known });
}

const TWO_FACES = s.answer({ multipleFaces: true });
const ATTACKED = s.answer({ attackSigns: ['MASK'] });

describe('a decision by a person', () => {
  it.each([
    ['APPROVED', 'PASSED', 'MANUAL_APPROVED'],
    ['REJECTED', 'FAILED', 'MANUAL_REJECTED'],
  ] as const)('%s is the verdict %s, whatever the reads say', (ruled, outcome, code) => {
    for (const reads of [[], [TWO_FACES], [s.answer()], [s.pending()], [s.uncertain(), s.MALFORMED], [s.vendorError('DATA_DESTROYED')]]) {
      const decision = decide(ruledState(ruled, reads), NOW_MS);
      expect(decision).toMatchObject({ kind: 'FINISH', decidedAtMs: NOW_MS, verdict: { outcome, retryAdvice: 'NONE' } });
      expect(decision.kind === 'FINISH' && decision.verdict.reasons).toEqual([{ code, category: 'operator', stage: 'OPERATOR' }]);
      expect(decision).not.toHaveProperty('atOnce');
    }
  });

  it('keeps what was measured: scores, liveness, the level of risk, the vendor’s ids', () => {
    const input = inputAt(s.T0);
    const eventOf = (state: State) => {
      const decision = decide(state, NOW_MS);
      if (decision.kind !== 'FINISH') throw new Error('a decision ends the run');
      return buildOutcomeEvent({ input, state, verdict: decision.verdict, workflowId: 'w', runId: 'r', nowMs: NOW_MS });
    };
    for (const reads of [[TWO_FACES], [ATTACKED], [s.pending(), s.answer()]]) {
      const read = eventOf({ ...ruledState('APPROVED', reads), assignment: s.assignmentWith({}) });
      const { outcome: _said, reasons: _why, retryAdvice: _advice, ...measured } = read;
      expect(eventOf(ruledState('APPROVED', reads))).toMatchObject(measured);
    }
    expect(eventOf(ruledState('APPROVED', [ATTACKED])).riskLevel).toBe('HIGH');
    expect(eventOf(ruledState('APPROVED', [])).riskLevel).toBe('UNKNOWN');
  });

  it('never reads and never waits, whatever it learns, until its emission is stopped by hand', () => {
    const report = fc.constantFrom<ReadReport>(s.answer(), TWO_FACES, s.pending(), s.uncertain(), s.MALFORMED);
    const event = fc.oneof(
      fc.array(report, { maxLength: 3 }).map((reports): VerificationEvent => ({
        kind: 'LEDGER_RECOVERED',
        atMs: NOW_MS,
        reads: reports.map((one) => ({ scheduledAtMs: s.T0, trigger: 'SCHEDULE', report: one })),
      })),
      fc.constant<VerificationEvent>({ kind: 'CANCEL_REQUESTED', atMs: NOW_MS }),
      fc.constant<VerificationEvent>({ kind: 'HINT_RECEIVED', atMs: NOW_MS, hint: { kind: 'SESSION_ENDED', trusted: true } }),
    );
    fc.assert(
      fc.property(fc.constantFrom('APPROVED', 'REJECTED'), fc.array(event, { maxLength: 5 }), fc.nat(), (ruled, events, laterMs) => {
        const state = events.reduce(evolve, initialState(s.assignmentWith({ ruled, replayedAtMs: s.T0 })));
        expect(decide(state, s.T0 + laterMs)).toMatchObject({ kind: 'FINISH' });
      }),
      runs(300),
    );
  });
});
