import { describe, expect, it } from 'vitest';
import { defined } from '../../../src/domain/defined.ts';
import { standingOutcome } from '../../../src/domain/ledger/revisions.ts';
import { whyText } from '../../../src/operator/replay/plan-line.ts';
import { foresee, orderOn, planReplay } from '../../../src/operator/replay/plan.ts';
import type { KnownCase, ReplayCase, RulingAsked } from '../../../src/operator/replay/ports.ts';
import * as s from '../../domain/samples.ts';
import { caseOf, decidedBy, ID } from './cases.ts';

const NOW_MS = s.T0 + 2 * s.HOUR;
const APPROVE: RulingAsked = { verdict: 'APPROVED', reviewer: 'mia' };
const REJECT: RulingAsked = { verdict: 'REJECTED', reviewer: 'joe' };
const OVERRIDE = { override: true } as const;

function plan(known: ReplayCase, ruling?: RulingAsked) {
  return planReplay(known, { verificationId: ID, asked: {}, nowMs: NOW_MS, ...defined({ ruling }) });
}

const REVIEW = caseOf({ reads: [s.answer({ multipleFaces: true })] });
const PASSED = caseOf({ reads: [s.answer()] });
const FAILED = caseOf({ reads: [s.answer({ liveness: { result: 'FAIL' } })] });
const EXPIRED = caseOf({ reads: [s.pending(), s.pending(), s.pending()] });
const ERROR = caseOf({ reads: [s.answer({ verifyError: 'DATA_SOURCE_ERROR' })] });
const NOTHING = caseOf({ reads: [s.pending()], emitted: false });
const APPROVED = decidedBy(REVIEW, APPROVE, { nowMs: NOW_MS - s.HOUR });
const APPROVED_ERROR = decidedBy(ERROR, { ...APPROVE, ...OVERRIDE }, { nowMs: NOW_MS - s.HOUR });
const OWED = decidedBy(REVIEW, APPROVE, { nowMs: NOW_MS - s.HOUR, owed: true });

type Row = readonly [what: string, known: ReplayCase, asked: RulingAsked, action: string, code: string];
const ROWS: readonly Row[] = [
  ['a review', REVIEW, APPROVE, 'DECIDE', 'FOR_REVIEW'],
  ['a review, by its revision', REVIEW, { ...REJECT, revision: 1 }, 'DECIDE', 'FOR_REVIEW'],
  ['a review, by a revision that is not the latest', REVIEW, { ...REJECT, revision: 2 }, 'REFUSE', 'OTHER_REVISION'],
  ['a review, by another revision and an override', REVIEW, { ...REJECT, revision: 2, ...OVERRIDE }, 'REFUSE', 'OTHER_REVISION'],
  ['a review that Kafka never confirmed', { ...REVIEW, owed: true }, APPROVE, 'DECIDE', 'FOR_REVIEW'],
  ['a pass', PASSED, REJECT, 'REFUSE', 'NOT_FOR_REVIEW'],
  ['a pass, with an override', PASSED, { ...REJECT, ...OVERRIDE }, 'DECIDE', 'OVERRIDDEN'],
  ['a fail', FAILED, APPROVE, 'REFUSE', 'NOT_FOR_REVIEW'],
  ['an EXPIRED, with an override', EXPIRED, { ...APPROVE, ...OVERRIDE }, 'DECIDE', 'OVERRIDDEN'],
  ['an ERROR', ERROR, APPROVE, 'REFUSE', 'NOT_FOR_REVIEW'],
  ['an ERROR with reads left, with an override', ERROR, { ...APPROVE, ...OVERRIDE }, 'DECIDE', 'OVERRIDDEN'],
  ['no outcome', NOTHING, APPROVE, 'REFUSE', 'NOT_FOR_REVIEW'],
  ['no outcome, with an override', NOTHING, { ...APPROVE, ...OVERRIDE }, 'DECIDE', 'OVERRIDDEN'],
  ['the same again', APPROVED, APPROVE, 'RE_EMIT', 'ALREADY_DECIDED'],
  ['the same again, by another person', APPROVED, { ...APPROVE, reviewer: 'joe' }, 'RE_EMIT', 'ALREADY_DECIDED'],
  ['the same again, upon the revision that was looked at then', APPROVED, { ...APPROVE, revision: 1 }, 'RE_EMIT', 'ALREADY_DECIDED'],
  ['the same again, with an override', APPROVED, { ...APPROVE, ...OVERRIDE }, 'RE_EMIT', 'ALREADY_DECIDED'],
  ['the same again, which Kafka never confirmed', OWED, APPROVE, 'RE_EMIT', 'EMISSION_UNCONFIRMED'],
  ['what another person decided otherwise', APPROVED, REJECT, 'REFUSE', 'DECIDED_OTHERWISE'],
  ['the same, with an override', APPROVED, { ...REJECT, ...OVERRIDE }, 'DECIDE', 'OVERRIDDEN'],
  ['the same, who looked at the revision before', APPROVED, { ...REJECT, revision: 1, ...OVERRIDE }, 'REFUSE', 'OTHER_REVISION'],
  ['what runs', { kind: 'RUNNING' }, APPROVE, 'REFUSE', 'STILL_RUNNING'],
  ['what is not there', { kind: 'NOT_FOUND' }, { ...APPROVE, ...OVERRIDE }, 'REFUSE', 'NOT_FOUND'],
  ['what nobody can count', { kind: 'UNKNOWN', doubt: 'HOME_NOT_FOUND' }, { ...APPROVE, ...OVERRIDE }, 'REFUSE', 'LEDGER_UNKNOWN'],
];

describe('a decision upon', () => {
  it.each(ROWS)('%s', (_what, known, asked, action, code) => {
    const line = plan(known, asked);
    expect(line).toMatchObject({ action, code });
    expect(line.reads?.atMost ?? 0).toBe(0);
    expect(whyText(line)).not.toMatch(/undefined|–$/);
  });

  it.each(ROWS.filter(([, , , action]) => action !== 'REFUSE'))('%s: the run does what the plan says', (_what, known, asked, action) => {
    if (known.kind !== 'KNOWN') throw new Error('these are known');
    const { policy } = plan(known, asked);
    if (policy === undefined) throw new Error('what is known has a policy');
    const replay = orderOn(known, { mandate: { operator: 'back-office', reason: 'seen', ruling: asked }, nowMs: NOW_MS });
    const { event, mayRead } = foresee(known, { policy, nowMs: NOW_MS, ruling: asked });
    expect(mayRead).toBe(false);
    if (event === undefined) throw new Error('a decision ends in an outcome');
    const standing = standingOutcome(known.revisions, { event, replay });
    expect(standing).toBe(action === 'DECIDE' ? undefined : known.revisions.at(-1)?.event);
    expect(event).toMatchObject({ outcome: asked.verdict === 'APPROVED' ? 'PASSED' : 'FAILED' });
  });

  it('tells who has decided otherwise, and how to decide nevertheless', () => {
    expect(whyText(plan(APPROVED, REJECT))).toBe('mia has decided it by hand: PASSED MANUAL_APPROVED; --override decides in its place');
    expect(whyText(plan(APPROVED, { ...APPROVE, reviewer: 'joe' }))).toBe('mia has decided so: the same record again');
    expect(whyText(plan(REVIEW, APPROVE))).toBe(`a person has looked at ${ID}.r1: PASSED MANUAL_APPROVED, the next revision`);
  });
});

describe('a replay of what a person has decided', () => {
  const stricter = { requiredFar: '1e-6' } as const;

  it.each<[string, KnownCase]>([
    ['whatever the reads say', APPROVED],
    ['also where reads and time are left', APPROVED_ERROR],
  ])('tells the same record again, %s, and makes no read', (_when, known) => {
    for (const asked of [{}, stricter, { comparisons: ['result_ref7'] }]) {
      const line = planReplay(known, { verificationId: ID, asked, nowMs: NOW_MS });
      expect(line).toMatchObject({ action: 'RE_EMIT', code: 'DECIDED_BY_HAND', reads: { atMost: 0 }, present: { by: 'mia' } });
      const replay = orderOn(known, { mandate: { operator: 'jane', reason: 'outage' }, nowMs: NOW_MS });
      expect(replay).toMatchObject({ repeats: { verdict: 'APPROVED', reviewer: 'mia', upon: 1 } });
      const { event, mayRead } = foresee(known, { policy: { ...stricter, comparisons: [] }, nowMs: NOW_MS });
      expect(mayRead).toBe(false);
      expect(event && standingOutcome(known.revisions, { event, replay })).toBe(known.revisions[1]?.event);
    }
  });

  it('that Kafka never confirmed, tells that one', () => {
    expect(plan(OWED)).toMatchObject({ action: 'RE_EMIT', code: 'EMISSION_UNCONFIRMED' });
  });
});
