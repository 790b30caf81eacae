import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { outcomeSchema } from '../../src/contracts/wire/outcome.ts';
import type { KeptEvidence } from '../../src/domain/evidence.ts';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import { endingVerdict } from '../../src/domain/judging/endings.ts';
import { sameConclusion } from '../../src/domain/ledger/revisions.ts';
import { buildOutcomeEvent, type OutcomeEvent } from '../../src/domain/outcome.ts';
import { decide } from '../../src/domain/decide.ts';
import { imagesFor } from '../../src/domain/reading/images.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { adviceFor, outcomeOf, primaryOf, reason } from '../../src/domain/reasons.ts';
import type { State } from '../../src/domain/state.ts';
import { anyReport } from '../properties/generators.ts';
import { runs } from '../properties/runs.ts';
import { inputAt } from '../support/verification-input.ts';
import * as s from './samples.ts';

const INPUT = inputAt(s.T0);

function stateOf(reports: readonly ReadReport[]): State {
  return s.stateAfter(
    assignmentOf(INPUT),
    reports.map((report, index) => ({ atMs: index * s.MINUTE, report })),
  );
}

function outcomeAfter(reports: readonly ReadReport[]): OutcomeEvent {
  const state = stateOf(reports);
  const nowMs = s.T0 + s.HOUR;
  const verdict = concludedVerdict(state) ?? endingVerdict(state, { limit: 'WINDOW_PASSED', atMs: nowMs });
  return buildOutcomeEvent({ input: INPUT, state, verdict, workflowId: 'fv-x', runId: 'run-1', nowMs });
}

function kept(name: string, failures?: KeptEvidence['failures']): KeptEvidence {
  const reference = { object: `${INPUT.verificationId}/${name}`, sha256: 'a'.repeat(64), bytes: 5, contentType: 'image/jpeg' } as const;
  const references = [{ kind: 'IMAGE_BEST', ...reference, keyId: 'k1', expiresAt: '2026-02-04T10:00:00.000Z' } as const];
  return failures === undefined ? { references } : { references, failures };
}

const withEvidence = (report: ReadReport, evidence: KeptEvidence): ReadReport =>
  report.kind === 'ANSWER' ? { ...report, evidence } : report;
const FAILED: KeptEvidence = { references: [], failures: [{ kind: 'IMAGE_BEST', why: 'STORE_UNREACHABLE' }] };

test('an outcome refers to the evidence of the answer that it tells of, and to no other', () => {
  const telling = withEvidence(s.answer(), kept('telling'));
  const incomplete = withEvidence(s.answer({ comparisons: [] }), kept('incomplete'));
  expect(outcomeAfter([telling]).evidence).toEqual(kept('telling').references);
  expect(outcomeAfter([incomplete, telling]).evidence).toEqual(kept('telling').references);
  expect(outcomeAfter([telling, incomplete]).evidence).toEqual(kept('telling').references);
  expect(outcomeAfter([incomplete, s.uncertain(), s.uncertain()]).evidence).toEqual(kept('incomplete').references);
  expect(outcomeAfter([s.vendorError('DATA_DESTROYED')]).evidence).toEqual([]);
  expect(outcomeAfter([s.answer()]).evidence).toEqual([]);
});

test.each([
  'other/x',
  `${'b'.repeat(26)}/image_best-00`,
  `${INPUT.verificationId}/../x`,
  `${INPUT.verificationId}/a/b`,
  `${INPUT.verificationId}/`,
  `${INPUT.verificationId}x/y`,
  'x',
])('a reference to %s, as only a hand can write it there, leads nobody to the pictures of somebody else', (object) => {
  const [own] = kept('own').references;
  const references = kept('x').references.map((reference) => ({ ...reference, object }));
  const report = withEvidence(s.answer(), { references: [...references, ...kept('own').references] });
  expect(outcomeAfter([report]).evidence).toEqual([own]);
});

test('what nobody asked for in a reference, as only a hand can write it there, is not published', () => {
  const references = kept('x').references.map((reference) => ({ ...reference, token: 'secret' }));
  const report = withEvidence(s.answer(), { references });
  expect(JSON.stringify(outcomeAfter([report]))).not.toContain('secret');
});

describe('EVIDENCE_STORE_FAILED', () => {
  it('stands beside the verdict, behind its reasons, and is never the first that counts', () => {
    const passed = outcomeAfter([withEvidence(s.answer(), FAILED)]);
    expect([passed.outcome, passed.retryAdvice, passed.reasons]).toEqual([
      'PASSED',
      'NONE',
      [{ code: 'EVIDENCE_STORE_FAILED', category: 'platform', stage: 'EVIDENCE' }],
    ]);
    expect(primaryOf(passed.reasons)).toBeUndefined();
    const failed = outcomeAfter([withEvidence(s.answer({ liveness: { result: 'FAIL' } }), FAILED)]);
    expect(failed.reasons.map(({ code }) => code)).toEqual(['LIVENESS_FAIL', 'EVIDENCE_STORE_FAILED']);
    expect(primaryOf(failed.reasons)?.code).toBe('LIVENESS_FAIL');
  });

  it('decides nothing wherever it stands', () => {
    const beside = reason('EVIDENCE_STORE_FAILED', 'EVIDENCE');
    const rejected = reason('LIVENESS_FAIL', 'LIVENESS');
    expect([outcomeOf([beside]), outcomeOf([beside, rejected])]).toEqual(['PASSED', 'FAILED']);
    expect(adviceFor([beside, rejected], { redriveable: true })).toBe('NEW_VERIFICATION');
  });

  it('is said of a part that is missing as well, beside references to the rest', () => {
    const evidence = kept('x', [{ kind: 'IMAGE_BEST_2', why: 'TOO_LARGE' }]);
    const event = outcomeAfter([withEvidence(s.answer(), evidence)]);
    expect([event.evidence, event.reasons.map(({ code }) => code)]).toEqual([evidence.references, ['EVIDENCE_STORE_FAILED']]);
  });
});

const without = (report: ReadReport): ReadReport => {
  if (report.kind !== 'ANSWER') return report;
  const { evidence: _none, ...rest } = report;
  return rest;
};

test('whatever became of the evidence, verdict, advice, risk, reads and everything else of an outcome are the same', () => {
  let differing = 0;
  fc.assert(
    fc.property(fc.array(anyReport, { minLength: 1, maxLength: 4 }), (reports) => {
      const bare = reports.map(without);
      expect(decide(stateOf(reports), s.T0 + s.HOUR)).toEqual(decide(stateOf(bare), s.T0 + s.HOUR));
      const { evidence, reasons, ...event } = outcomeAfter(reports);
      const { evidence: none, reasons: judged, ...plain } = outcomeAfter(bare);
      expect([event, none]).toEqual([plain, []]);
      expect(reasons.filter(({ code }) => code !== 'EVIDENCE_STORE_FAILED')).toEqual(judged);
      expect(primaryOf(reasons)).toEqual(judged[0]);
      const isDescribed = (value: object): boolean => outcomeSchema.safeParse(JSON.parse(JSON.stringify(value))).success;
      expect(isDescribed({ ...event, evidence, reasons })).toBe(isDescribed({ ...plain, evidence: none, reasons: judged }));
      differing += Number(evidence.length > 0 || reasons.length > judged.length);
    }),
    runs(2_000),
  );
  expect(differing).toBeGreaterThan(200);
});

test('the same answer with the same evidence is no news', () => {
  const event = outcomeAfter([withEvidence(s.answer(), FAILED)]);
  expect(sameConclusion(event, { ...event, revision: 2 })).toBe(true);
});

describe('images are asked for by', () => {
  it.each<[string, ReadReport[], number, 0 | 2]>([
    ['the first read', [], 1, 2],
    ['a read after PROCESSING', [s.pending()], 2, 2],
    ['the last read', [s.pending(), s.pending()], 3, 2],
    ['a read after one that came too late', [s.uncertain('TIMEOUT')], 2, 2],
    ['no last read after one that came too late', [s.uncertain('TIMEOUT'), s.pending()], 3, 0],
    ['no read after an answer that was too large', [s.uncertain('BODY_TOO_LARGE')], 2, 0],
    ['the last read after a lost connection', [s.uncertain('CONNECTION_LOST'), s.pending()], 3, 2],
  ])('%s', (_name, reports, slot, asked) => {
    expect(imagesFor(2, { state: stateOf(reports), slot })).toBe(asked);
    expect(imagesFor(0, { state: stateOf(reports), slot })).toBe(0);
  });
});
