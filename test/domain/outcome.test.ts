import { expect, test } from 'vitest';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { outcomeSchema } from '../../src/contracts/wire/outcome.ts';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import { endingVerdict } from '../../src/domain/judging/endings.ts';
import { buildOutcomeEvent, type OutcomeFacts } from '../../src/domain/outcome.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { assertDocumented } from '../support/documented-outcome.ts';
import { inputAt } from '../support/verification-input.ts';
import * as s from './samples.ts';

function factsAfter(reads: readonly { atMs: number; report: ReadReport }[], overrides: Parameters<typeof inputAt>[1] = {}): OutcomeFacts {
  const input = inputAt(s.T0, overrides);
  const state = s.stateAfter(assignmentOf(input), reads);
  const nowMs = s.T0 + s.HOUR;
  const verdict = concludedVerdict(state) ?? endingVerdict(state, { limit: 'WINDOW_PASSED', atMs: nowMs });
  return { input, state, verdict, workflowId: 'fv-x', runId: 'run-1', nowMs };
}

test('a passed verification tells what was read, when, and by which rules', () => {
  const answered = s.answer({ vendorRequestIds: ['1,b', '1,a'], multipleFaces: false, rawStatus: 'OK', quirks: ['Q'] });
  const reads = [
    { atMs: 0, report: s.vendorError('CONCURRENCY_LIMIT_EXCEEDED') },
    { atMs: s.MINUTE, report: s.uncertain() },
    { atMs: 2 * s.MINUTE, report: answered },
  ];
  const facts = factsAfter(reads, { bizNo: 'b-1', source: { topic: 't', partition: 1, offset: '7', eventId: 'e-1' } });
  const event = buildOutcomeEvent(facts);
  expect(outcomeSchema.parse(event)).toEqual(event);
  expect(event).toMatchObject({
    outcome: 'PASSED',
    revision: 1,
    policy: { comparisons: ['result_ref1'], requiredFar: '1e-4' },
    liveness: { result: 'PASS' },
    multipleFaces: false,
    vendor: { status: 'OK', rawStatus: 'OK', region: 'sgp' },
    correlation: { bizNo: 'b-1', sourceEventId: 'e-1', sourceOffset: '7', runId: 'run-1', vendorRequestIds: ['1,b', '1,a'] },
    retrieval: { callsUsed: 2, callsUncertain: 1, callLimit: 3, firstCallAt: '2026-03-01T12:01:00.000Z', trigger: 'SCHEDULE' },
    timestamps: { startedAt: facts.input.admittedAt, completedAt: '2026-03-01T13:00:00.000Z' },
    actor: { type: 'SYSTEM' },
    quirks: ['Q'],
  });
  expect(event).not.toHaveProperty('supersedes');
});

test('a verification that was never read has no answer, calls or vendor status', () => {
  const event = buildOutcomeEvent(factsAfter([], { comparisons: ['result_ref2'] }));
  expect(outcomeSchema.parse(event)).toEqual(event);
  expect(event).toMatchObject({
    outcome: 'EXPIRED',
    policy: { comparisons: ['result_ref2'] },
    retrieval: { callsUsed: 0 },
    comparisons: [],
  });
  expect(Object.keys(event)).not.toContain('liveness');
  expect(Object.keys(event.retrieval)).not.toContain('lastCallAt');
});

test("the vendor's last error is named", () => {
  expect(buildOutcomeEvent(factsAfter([{ atMs: 0, report: s.vendorError('DATA_DESTROYED') }])).vendor).toMatchObject({
    errorCode: 'DATA_DESTROYED',
  });
});

test("the vendor's last error is named although nothing was said after it", () => {
  const reads = [s.vendorError('AUTHORIZATION_ERROR', 403, { quirks: ['ERROR_CODE_FOLDED'] }), s.uncertain(), s.unsent()];
  const { vendor, quirks } = buildOutcomeEvent(factsAfter(reads.map((report, index) => ({ atMs: index * s.MINUTE, report }))));
  expect([vendor.errorCode, quirks]).toEqual(['AUTHORIZATION_ERROR', ['ERROR_CODE_FOLDED']]);
});

test('what was read after a verdict was settled tells nothing about it', () => {
  const passed = s.answer({ rawStatus: 'OK', multipleFaces: false, quirks: ['Q'] });
  for (const later of [s.pending(), s.answer({ status: 'FAILED', liveness: { result: 'FAIL' } }), s.vendorError('DATA_DESTROYED')]) {
    const event = buildOutcomeEvent(factsAfter([passed, later].map((report, index) => ({ atMs: index * s.MINUTE, report }))));
    expect(event).toMatchObject({
      outcome: 'PASSED',
      liveness: { result: 'PASS' },
      multipleFaces: false,
      policy: { comparisons: ['result_ref1'] },
      vendor: { status: 'OK', rawStatus: 'OK' },
      quirks: ['Q'],
    });
    expect(event.vendor).not.toHaveProperty('errorCode');
  }
});

test('a later revision supersedes the one before it, or the one that is named', () => {
  const facts = factsAfter([]);
  const id = facts.input.verificationId;
  expect(buildOutcomeEvent({ ...facts, revision: 3 }).supersedes).toBe(`${id}.r2`);
  const actor = { type: 'OPERATOR', id: 'op-1' } as const;
  expect(buildOutcomeEvent({ ...facts, revision: 3, supersedes: `${id}.r1`, actor })).toMatchObject({ supersedes: `${id}.r1`, actor });
});

test("a field of the vendor's answer that no outcome has is not published", () => {
  const scores = { flashAttack: 0.1, fresh: 1 };
  const liveness = { result: 'PASS', scores, issueCounts: { MOUTH: 1 }, fresh: 2 } as const;
  const comparison = { name: 'result_ref1', confidence: 75, thresholds: { ...s.THRESHOLDS, '1e-9': 99 }, fresh: 3 };
  const fresh = { liveness, comparisons: [comparison], fresh: 4 };
  const event = buildOutcomeEvent(factsAfter([{ atMs: 0, report: s.answer(fresh) }]));
  expect(() => assertDocumented(event)).not.toThrow();
  expect(event.liveness).toEqual({ result: 'PASS', scores: { flashAttack: 0.1 }, issueCounts: { MOUTH: 1 } });
  expect(() => assertDocumented({ ...event, liveness })).toThrow('liveness.scores.fresh, liveness.fresh');
});

test('equal facts give equal bytes, and nothing secret is in them', () => {
  const facts = factsAfter([{ atMs: 0, report: s.answer() }]);
  const bytes = JSON.stringify(buildOutcomeEvent(facts));
  expect(JSON.stringify(buildOutcomeEvent({ ...facts }))).toBe(bytes);
  expect(bytes).not.toContain(inputAt(s.T0).sealedToken);
});
