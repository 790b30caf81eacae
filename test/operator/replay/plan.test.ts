import { describe, expect, it } from 'vitest';
import { defined } from '../../../src/domain/defined.ts';
import { standingOutcome } from '../../../src/domain/ledger/revisions.ts';
import { type PolicyAsked, saidText, type SelectedBy, whyText } from '../../../src/operator/replay/plan-line.ts';
import { foresee, orderOn, planReplay } from '../../../src/operator/replay/plan.ts';
import type { ReplayCase } from '../../../src/operator/replay/ports.ts';
import * as s from '../../domain/samples.ts';
import { caseOf, type Home, ID } from './cases.ts';

const IN_WINDOW = s.T0 + 2 * s.HOUR;
const AFTER = s.T0 + 25 * s.HOUR;
const AT_THE_END = s.T0 + 24 * s.HOUR;

function plan(known: ReplayCase, options: { nowMs?: number; asked?: PolicyAsked; selectedBy?: SelectedBy } = {}) {
  const { nowMs = IN_WINDOW, asked = {}, selectedBy } = options;
  return planReplay(known, { verificationId: ID, asked, nowMs, ...defined({ selectedBy }) });
}

const BOUNDARY = s.answer({ comparisons: [{ name: 'result_ref1', confidence: 68.918, thresholds: s.THRESHOLDS }] });
const DATA_SOURCE = s.answer({ verifyError: 'DATA_SOURCE_ERROR' });
const THREE_UNCERTAIN = [s.uncertain(), s.uncertain(), s.uncertain()];

type Row = readonly [situation: string, home: Home, nowMs: number, action: string, code: string, atMost: number];

/** How a home run may have ended, and what a replay of it does. */
const ROWS: readonly Row[] = [
  ['a pass', { reads: [s.answer()] }, IN_WINDOW, 'RE_EMIT', 'VERDICT_UNCHANGED', 0],
  ['a pass, long after the window', { reads: [s.answer()] }, AFTER, 'RE_EMIT', 'VERDICT_UNCHANGED', 0],
  ['emission failed', { reads: [s.answer()], owed: true }, AFTER, 'RE_EMIT', 'EMISSION_UNCONFIRMED', 0],
  ['emission of an EXPIRED failed', { reads: THREE_UNCERTAIN, owed: true }, IN_WINDOW, 'RE_EMIT', 'EMISSION_UNCONFIRMED', 0],
  ['terminated with a verdict at hand', { reads: [s.answer()], emitted: false }, AFTER, 'RE_DECIDE', 'NO_OUTCOME_YET', 0],
  ['terminated while pending, time left', { reads: [s.pending()], emitted: false }, IN_WINDOW, 'READ', 'NO_VERDICT', 2],
  ['terminated while pending, too late', { reads: [s.pending()], emitted: false }, AFTER, 'RE_DECIDE', 'NO_OUTCOME_YET', 0],
  ['terminated before any read', { reads: [], emitted: false }, IN_WINDOW, 'READ', 'NO_VERDICT', 3],
  [
    'vendor 5xx, slot and window left',
    { reads: [s.vendorError('INTERNAL_ERROR', 500)], emitted: false },
    IN_WINDOW,
    'READ',
    'NO_VERDICT',
    2,
  ],
  ['vendor 5xx until the quota was spent', { reads: THREE_UNCERTAIN }, IN_WINDOW, 'REFUSE', 'QUOTA_EXHAUSTED', 0],
  ['quota exhausted while pending', { reads: [s.pending(), s.pending(), s.pending()] }, IN_WINDOW, 'REFUSE', 'QUOTA_EXHAUSTED', 0],
  ['window passed, never read', { reads: [], endedAtMs: AT_THE_END }, AFTER, 'REFUSE', 'WINDOW_PASSED', 0],
  ['window passed, one read pending', { reads: [s.pending()], endedAtMs: AT_THE_END }, AFTER, 'REFUSE', 'WINDOW_PASSED', 0],
  ['destroyed at the first read', { reads: [s.vendorError('DATA_DESTROYED')] }, IN_WINDOW, 'REFUSE', 'RESULT_DESTROYED', 0],
  ['DATA_SOURCE_ERROR after the all-clear', { reads: [DATA_SOURCE] }, IN_WINDOW, 'READ', 'NO_VERDICT', 2],
  ['DATA_SOURCE_ERROR, too late', { reads: [DATA_SOURCE] }, AFTER, 'REFUSE', 'WINDOW_PASSED', 0],
  ['DATA_SOURCE_ERROR with the last read', { reads: [s.pending(), s.pending(), DATA_SOURCE] }, IN_WINDOW, 'REFUSE', 'QUOTA_EXHAUSTED', 0],
  ['malformed twice, one read left', { reads: [s.MALFORMED, s.MALFORMED] }, IN_WINDOW, 'READ', 'NO_VERDICT', 1],
  [
    'token unknown twice, one read left',
    { reads: [s.vendorError('RESULT_NOT_FOUND', 400), s.vendorError('RESULT_NOT_FOUND', 400)] },
    IN_WINDOW,
    'READ',
    'NO_VERDICT',
    1,
  ],
  ['cancelled by an operator', { reads: [s.pending()], cancelled: true }, IN_WINDOW, 'READ', 'NO_VERDICT', 2],
  ['cancelled by an operator, too late', { reads: [s.pending()], cancelled: true }, AFTER, 'REFUSE', 'WINDOW_PASSED', 0],
  ['cancelled before any read', { reads: [], cancelled: true, endedAtMs: s.T0 }, IN_WINDOW, 'READ', 'NO_VERDICT', 3],
  ['FAILED on liveness', { reads: [s.answer({ liveness: { result: 'FAIL' } })] }, IN_WINDOW, 'RE_EMIT', 'VERDICT_UNCHANGED', 0],
  ['NEEDS_REVIEW', { reads: [s.answer({ multipleFaces: true })] }, IN_WINDOW, 'RE_EMIT', 'VERDICT_UNCHANGED', 0],
  ['below the threshold', { reads: [BOUNDARY] }, IN_WINDOW, 'RE_EMIT', 'VERDICT_UNCHANGED', 0],
  [
    'refused requests gave their slots back',
    { reads: [s.vendorError('AUTHENTICATION_ERROR'), s.pending()], cancelled: true },
    IN_WINDOW,
    'READ',
    'NO_VERDICT',
    2,
  ],
  [
    'no time left before the earliest next read',
    { reads: [DATA_SOURCE], overrides: { policy: lateGap() } },
    s.T0 + s.MINUTE,
    'REFUSE',
    'WINDOW_PASSED',
    0,
  ],
];

function lateGap() {
  return { ...caseOf({ reads: [s.answer()] }).input.policy, minGapMs: 24 * s.HOUR };
}

describe('the plan of a replay', () => {
  it.each(ROWS)('%s', (_situation, home, nowMs, action, code, atMost) => {
    const line = plan(caseOf(home), { nowMs });
    expect({ action: line.action, code: line.code, atMost: line.reads?.atMost }).toEqual({ action, code, atMost });
    expect(whyText(line)).not.toContain('undefined');
  });

  it.each([
    [{ kind: 'NOT_FOUND' }, 'NOT_FOUND'],
    [{ kind: 'RUNNING' }, 'STILL_RUNNING'],
    [{ kind: 'ERASED', at: '2026-01-31T12:00:00Z' }, 'ERASED'],
    [{ kind: 'UNKNOWN', doubt: 'HOME_NOT_FOUND' }, 'LEDGER_UNKNOWN'],
  ] as const)('refuses %j', (known, code) => {
    const line = plan(known);
    expect(line).toMatchObject({ action: 'REFUSE', code });
    expect(line.reads).toBeUndefined();
  });

  it('decides again under a policy that gives another verdict, and only then', () => {
    const looser = { requiredFar: '1e-3' } as const;
    expect(plan(caseOf({ reads: [BOUNDARY] }), { asked: looser })).toMatchObject({
      action: 'RE_DECIDE',
      code: 'OTHER_VERDICT',
      next: { outcome: 'PASSED', reasons: [] },
      reads: { atMost: 0 },
      policy: { requiredFar: '1e-3' },
    });
    // The same verdict by another rule is no news: the old bytes again, under the old policy.
    expect(plan(caseOf({ reads: [s.answer()] }), { asked: looser })).toMatchObject({ action: 'RE_EMIT', policy: { requiredFar: '1e-4' } });
    const missing = plan(caseOf({ reads: [s.answer()] }), { asked: { comparisons: ['result_ref2'] } });
    expect(missing).toMatchObject({ action: 'RE_DECIDE', next: { outcome: 'NEEDS_REVIEW', reasons: ['COMPARE_MISSING'] } });
  });

  it('keeps the policy of a revision that an earlier replay made', () => {
    const known = caseOf({ reads: [BOUNDARY] });
    const first = caseOf({ reads: [BOUNDARY], overrides: { policy: { ...known.input.policy, requiredFar: '1e-3' } } });
    const revised = {
      ...known,
      revisions: [...known.revisions, ...first.revisions.map(({ event }) => ({ event: { ...event, revision: 2 } }))],
    };
    expect(plan(revised)).toMatchObject({ action: 'RE_EMIT', present: { ceId: `${ID}.r2`, outcome: 'PASSED' } });
    expect(plan(revised, { asked: { requiredFar: '1e-4' } })).toMatchObject({ action: 'RE_DECIDE', next: { outcome: 'FAILED' } });
  });

  it('gives an order that the run will find newer than every known one, also by a clock that is behind', () => {
    const known = caseOf({ reads: [BOUNDARY] });
    const looser = caseOf({ reads: [BOUNDARY], overrides: { policy: { ...known.input.policy, requiredFar: '1e-3' } } });
    const ahead = { homeRunId: 'home', operator: 'jane', reason: 'x', requestedAt: new Date(IN_WINDOW + 10 * s.MINUTE).toISOString() };
    const revisions = [...known.revisions, ...looser.revisions.map(({ event }) => ({ event: { ...event, revision: 2 }, replay: ahead }))];
    const revised = { ...known, revisions };
    for (const nowMs of [IN_WINDOW, IN_WINDOW + 10 * s.MINUTE, IN_WINDOW + s.HOUR]) {
      expect(plan(revised, { nowMs, asked: { requiredFar: '1e-4' } })).toMatchObject({ action: 'RE_DECIDE', next: { outcome: 'FAILED' } });
      const replay = orderOn(revised, { mandate: { operator: 'bob', reason: 'as before' }, nowMs });
      // The outcome and the order as the run hands them to its emission.
      const { event } = foresee(revised, { policy: { requiredFar: '1e-4', comparisons: ['result_ref1'] }, nowMs });
      expect(event).toMatchObject({ outcome: 'FAILED' });
      expect(event && standingOutcome(revisions, { event, replay })).toBeUndefined();
      expect(replay.requestedAt).toBe(new Date(nowMs).toISOString());
    }
  });

  it('leaves out what was selected by an outcome that is another by now', () => {
    const passed = caseOf({ reads: [s.answer()] });
    expect(plan(passed, { selectedBy: { outcome: 'ERROR' } })).toMatchObject({ action: 'REFUSE', code: 'NO_LONGER_SELECTED' });
    expect(plan(passed, { selectedBy: { outcome: 'PASSED' } }).action).toBe('RE_EMIT');
    const failed = caseOf({ reads: [BOUNDARY] });
    expect(plan(failed, { selectedBy: { reason: 'LIVENESS_FAIL' } }).code).toBe('NO_LONGER_SELECTED');
  });

  it('tells reads used and left and the window left', () => {
    expect(plan(caseOf({ reads: [DATA_SOURCE] }))).toMatchObject({
      homeRunId: 'home',
      reads: { used: 1, left: 2, limit: 3, atMost: 2 },
      window: { endsAt: new Date(AT_THE_END).toISOString(), leftMs: 22 * s.HOUR },
      present: { ceId: `${ID}.r1`, outcome: 'ERROR', reasons: ['DATA_SOURCE_ERROR'] },
    });
  });
});

it.each([
  [undefined, '–'],
  [{ outcome: 'PASSED', reasons: [] }, 'PASSED'],
  [{ outcome: 'PASSED', reasons: ['EVIDENCE_STORE_FAILED'] }, 'PASSED'],
  [{ outcome: 'FAILED', reasons: ['LIVENESS_FAIL', 'MATCH_BELOW_THRESHOLD'] }, 'FAILED LIVENESS_FAIL'],
])('a plan tells of an outcome the reason that decides, and no lost picture: %j', (said, text) => {
  expect(saidText(said)).toBe(text);
});
