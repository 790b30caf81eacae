import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Revision, standingOutcome } from '../../src/domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
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
