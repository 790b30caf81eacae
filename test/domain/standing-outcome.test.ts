import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RULED_REASON } from '../../src/domain/judging/ruled.ts';
import type { Ruling } from '../../src/domain/ledger/asking-run.ts';
import { type Revision, standingOutcome } from '../../src/domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { reason } from '../../src/domain/reasons.ts';
import { runs } from '../properties/runs.ts';
import { unreadOutcome } from '../support/sample-outcome.ts';
import { inputAt } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');

/** An outcome by its kind alone; `answers`: reads that the vendor answered. */
function said(outcome: OutcomeEvent['outcome'], answers = 1): OutcomeEvent {
  const event = unreadOutcome(inputAt(NOW_MS));
  return { ...event, outcome, reasons: [], retrieval: { ...event.retrieval, callsUsed: answers } };
}

/** The order of an operator, given that many minutes later. */
function order(minutes: number) {
  return { homeRunId: 'home', operator: 'jane', reason: 'stricter', requestedAt: new Date(NOW_MS + minutes * 60_000).toISOString() };
}

const PASSED: Revision = { event: said('PASSED') };
const FAILED: Revision = { event: said('FAILED') };
const EXPIRED: Revision = { event: said('EXPIRED') };
const ERROR: Revision = { event: said('ERROR') };

/** `after`: what it names as the newest order, if the machine that ran it was behind. */
function ordered({ event }: Revision, minutes: number, after?: number): Revision {
  return { event, replay: { ...order(minutes), ...(after === undefined ? {} : { after: order(after).requestedAt }) } };
}

/** What a person decides upon that revision. */
function ruled(verdict: Ruling['verdict'], upon: number, minutes = 0): Revision {
  const outcome = verdict === 'APPROVED' ? 'PASSED' : 'FAILED';
  const ruling = { verdict, reviewer: 'mia', upon };
  const event = { ...said(outcome), reasons: [reason(RULED_REASON[verdict], 'OPERATOR')], actor: { type: 'HUMAN', id: 'mia' } as const };
  return { event, replay: { ...order(minutes), ruling } };
}

/** As it is granted: with the number of its place. */
function numbered(known: readonly Revision[]): readonly Revision[] {
  return known.map((revision, index) => ({ ...revision, event: { ...revision.event, revision: index + 1 } }));
}

const REVIEW: Revision = { event: said('NEEDS_REVIEW') };
const APPROVED = ruled('APPROVED', 1);
const REPEATED: Revision = {
  event: said('PASSED', 9),
  replay: { ...order(9), repeats: { verdict: 'APPROVED', reviewer: 'mia', upon: 1 } },
};

describe('what a person has decided', () => {
  const known = numbered([REVIEW, APPROVED]);
  it.each<[string, Revision]>([
    ['what the reads say, told again by a reset', REVIEW],
    ['the reset of the run that decided', APPROVED],
    ['a newer replay that finds a verdict', ordered(FAILED, 99)],
    ['a replay of more reads', { ...ordered(FAILED, 99), event: said('FAILED', 3) }],
    ['another verdict of a run without any order', { event: said('FAILED', 3) }],
    ['EXPIRED', ordered(EXPIRED, 99)],
    ['a second person who saw the same revision', ruled('REJECTED', 1, 99)],
    ['the same decision by a second person', ruled('APPROVED', 1, 99)],
    ['the same decision once more, upon it', ruled('APPROVED', 2, 99)],
    ['a replay that repeats it', REPEATED],
    ['one who saw a revision that is not there yet', ruled('REJECTED', 3)],
    ['one who saw none', ruled('REJECTED', 0)],
  ])('stands against %s', (_name, own) => {
    expect(standingOutcome(known, own)).toBe(known[1]?.event);
  });

  it('yields to a person who has seen it, by whatever clock', () => {
    expect(standingOutcome(known, ruled('REJECTED', 2, -99))).toBeUndefined();
  });

  it.each<[string, readonly Revision[], Revision]>([
    ['a review', [REVIEW], APPROVED],
    ['an ERROR', [ERROR], APPROVED],
    ['a verdict that an operator ordered', [ERROR, ordered(PASSED, 5)], ruled('REJECTED', 2)],
    ['nothing, if there was no outcome', [], ruled('APPROVED', 0)],
  ])('takes the place of %s', (_name, before, own) => {
    expect(standingOutcome(numbered(before), own)).toBeUndefined();
  });

  it('is not what a newer outcome says that the person has not seen', () => {
    const newer = numbered([REVIEW, ordered({ event: said('NEEDS_REVIEW', 2) }, 5)]);
    expect(standingOutcome(newer, APPROVED)).toBe(newer[1]?.event);
  });

  it('a repetition publishes nothing of its own, also where nobody has decided', () => {
    const undecided = numbered([REVIEW]);
    expect(standingOutcome(undecided, REPEATED)).toBe(undecided[0]?.event);
  });

  it('never changes but by a decision upon it, whatever else comes in whatever order, and repeats', () => {
    const minutes = fc.integer({ min: 0, max: 9 });
    const anything = fc.oneof(
      fc.tuple(fc.constantFrom(PASSED, FAILED, ERROR, EXPIRED, REVIEW), minutes).map(([revision, at]) => ordered(revision, at)),
      fc.constantFrom(PASSED, FAILED, ERROR, EXPIRED, REVIEW, REPEATED),
      fc.tuple(fc.constantFrom('APPROVED', 'REJECTED'), fc.integer({ min: 0, max: 6 }), minutes).map((given) => ruled(...given)),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 25 }), (attempts) => {
        let latest: readonly Revision[] = [];
        for (const attempt of attempts) {
          const before = latest.at(-1);
          const news = standingOutcome(latest, attempt) === undefined;
          const ruling = attempt.replay?.ruling;
          // Nobody has seen what is not there yet.
          if ((ruling?.upon ?? 0) > latest.length) continue;
          if (ruling !== undefined && news) expect(ruling.upon).toBe(latest.length);
          if (before?.event.actor.type === 'HUMAN' && news) expect(ruling?.upon).toBe(before.event.revision);
          if (news) latest = numbered([...latest, attempt]);
        }
        for (const repeated of latest) expect(standingOutcome(latest, repeated)).toBe(latest.at(-1)?.event);
      }),
      runs(500),
    );
  });
});

describe('the latest outcome', () => {
  it.each<[string, readonly Revision[], Revision]>([
    ['the same again', [PASSED], PASSED],
    ['what an operator has superseded', [PASSED, ordered(FAILED, 5)], PASSED],
    ['what was superseded without an order', [PASSED, FAILED], PASSED],
    ['what an order brought about that a later one superseded', [PASSED, ordered(FAILED, 5), ordered(PASSED, 9)], ordered(FAILED, 5)],
    ['an order that is as old, repeated by a reset', [PASSED, ordered(FAILED, 5)], ordered(PASSED, 5)],
    ['an order of a clock that is behind, which knew none', [PASSED, ordered(FAILED, 10)], ordered(PASSED, 5)],
    ['a copy of an order that knew an older one', [PASSED, ordered(FAILED, 10), ordered(PASSED, 5, 10)], ordered(FAILED, 4, 9)],
    ['an order that names no time', [PASSED, ordered(FAILED, 5)], { ...PASSED, replay: { ...order(9), after: 'soon' } }],
    ['an order given at no time', [PASSED, FAILED], { ...PASSED, replay: { ...order(0), requestedAt: 'soon' } }],
    ['another verdict of the same answers, where an operator ordered the first', [ERROR, ordered(PASSED, 5)], FAILED],
    ['EXPIRED after a verdict', [PASSED], EXPIRED],
    ['ERROR after a verdict, by whatever order', [PASSED], ordered(ERROR, 9)],
    ['EXPIRED that ERROR has superseded', [EXPIRED, ERROR], EXPIRED],
  ])('stands against %s', (_name, known, own) => {
    expect(standingOutcome(known, own)).toBe(known.at(-1)?.event);
  });

  it.each<[string, readonly Revision[], Revision]>([
    ['anything, if there was none', [], ERROR],
    ['a newer order, back to what was superseded', [PASSED, ordered(FAILED, 5)], ordered(PASSED, 9)],
    ['an order that knew the newest, by a clock that is behind', [PASSED, ordered(FAILED, 10)], ordered(PASSED, 5, 10)],
    ['an order after one that was behind', [PASSED, ordered(FAILED, 10), ordered(PASSED, 5, 10)], ordered(FAILED, 11)],
    ['the first order', [PASSED, FAILED], ordered(PASSED, 0)],
    ['another verdict, as of a repaired defect', [PASSED], FAILED],
    ['a further answer of the vendor', [ERROR, ordered(PASSED, 5)], { event: said('FAILED', 2) }],
    ['a verdict after EXPIRED, also one that was superseded by it', [PASSED, EXPIRED], PASSED],
    ['ERROR after EXPIRED', [EXPIRED], ERROR],
  ])('yields to %s', (_name, known, own) => {
    expect(standingOutcome(known, own)).toBeUndefined();
  });

  it('stands against every repetition of what brought it or an earlier one about', () => {
    const anyRevision = fc
      .tuple(fc.constantFrom(PASSED, FAILED), fc.option(fc.integer({ min: 0, max: 9 })), fc.option(fc.integer({ min: 0, max: 9 })))
      .map(([revision, minutes, after]) => (minutes === null ? revision : ordered(revision, minutes, after ?? undefined)));
    fc.assert(
      fc.property(fc.array(anyRevision, { maxLength: 20 }), (attempts) => {
        let known: readonly Revision[] = [];
        for (const attempt of attempts) if (standingOutcome(known, attempt) === undefined) known = [...known, attempt];
        for (const repeated of known) expect(standingOutcome(known, repeated)).toBe(known.at(-1)?.event);
      }),
      runs(200),
    );
  });
});
