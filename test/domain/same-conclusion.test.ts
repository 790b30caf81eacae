import { describe, expect, it } from 'vitest';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import { sameConclusion } from '../../src/domain/ledger/revisions.ts';
import { buildOutcomeEvent, type OutcomeEvent } from '../../src/domain/outcome.ts';
import { initialState } from '../../src/domain/state.ts';
import { inputAt, PASSED_READ } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');

function passed(): OutcomeEvent {
  const input = inputAt(NOW_MS, { token: 'the-same-token' });
  const scheduled = evolve(initialState(assignmentOf(input)), { kind: 'READ_SCHEDULED', atMs: NOW_MS, trigger: 'SCHEDULE' });
  const state = evolve(scheduled, { kind: 'READ_ENDED', atMs: NOW_MS, report: PASSED_READ });
  const verdict = concludedVerdict(state);
  if (verdict === undefined) throw new Error('the sample settles');
  return buildOutcomeEvent({ input, state, verdict, workflowId: 'fv-x', runId: 'home', nowMs: NOW_MS });
}

describe('sameConclusion', () => {
  it('leaves aside who reached it, when and in which run, and the order of keys', () => {
    const one = passed();
    const other: OutcomeEvent = {
      ...one,
      revision: 4,
      supersedes: 'x.r3',
      timestamps: { ...one.timestamps, emittedAt: '2026-01-06T10:00:00.000Z' },
      correlation: { ...one.correlation, runId: 'away' },
      actor: { type: 'OPERATOR', id: 'jane' },
      retrieval: { ...one.retrieval, trigger: 'HINT' },
      retryAdvice: 'NEW_VERIFICATION',
      policy: {
        liveness: 'REQUIRED',
        comparisons: one.policy.comparisons,
        requiredFar: one.policy.requiredFar,
        version: 1,
        id: one.policy.id,
      },
    };
    expect(sameConclusion(one, other)).toBe(true);
    expect(sameConclusion(one, JSON.parse(JSON.stringify(one)))).toBe(true);
  });

  it.each<[string, Partial<OutcomeEvent>]>([
    ['outcome', { outcome: 'FAILED' }],
    ['reasons', { reasons: [{ code: 'LIVENESS_FAIL', category: 'liveness', stage: 'LIVENESS' }] }],
    ['comparisons', { comparisons: [] }],
    ['liveness', { liveness: { result: 'FAIL' } }],
    ['several faces', { multipleFaces: true }],
    ['policy', { policy: { ...passed().policy, requiredFar: '1e-6' } }],
    ['vendor status', { vendor: { ...passed().vendor, status: 'FAILED' } }],
  ])('differs by %s', (_name, change) => {
    expect(sameConclusion(passed(), { ...passed(), ...change })).toBe(false);
  });
});
