import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { defined } from '../../src/domain/defined.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Answer } from '../../src/domain/judging/answer.ts';
import type { AskingRun } from '../../src/domain/ledger/asking-run.ts';
import {
  type ActivityEnd,
  awayDispatch,
  homeReadsCounted,
  knowsBetter,
  type LedgerAnswer,
  ledgerOf,
  ledgerRecords,
  type RunFacts,
  type ScheduledRead,
  type TakenRead,
} from '../../src/domain/ledger/ledger.ts';
import { accountOf } from '../../src/domain/reading/slots.ts';
import { initialState } from '../../src/domain/state.ts';
import { anyAssignment, anyReport } from '../properties/generators.ts';
import { runs } from '../properties/runs.ts';
import { answer, assignmentWith, MALFORMED, pending, uncertain, unsent, vendorError, withheld } from './samples.ts';

const AT = '2026-03-01T12:00:00.000Z';
const RULE = { maxReads: 3, maxRefusals: 5, countRefused: false };
const TERMS = { ...RULE, deadlineAt: '2026-03-02T12:00:00.000Z' };

function read(end: ActivityEnd, activityId = '1'): ScheduledRead {
  return { activityId, scheduledAt: AT, trigger: 'SCHEDULE', end };
}

function completed(report: Extract<ActivityEnd, { kind: 'COMPLETED' }>['report']): ActivityEnd {
  return { kind: 'COMPLETED', at: AT, ...defined({ report }) };
}

function run(reads: readonly ScheduledRead[], changes: Partial<RunFacts> = {}): RunFacts {
  return { runId: 'home', originalRunId: 'home', stamped: true, closed: true, terms: TERMS, reads, ...changes };
}

function taken(read: number, changes: Partial<TakenRead> = {}): TakenRead {
  return { read, takenAt: AT, by: { workflowId: 'fv-x', runId: 'r1', activityId: '1' }, ...changes };
}

function asking(changes: Partial<AskingRun> = {}): AskingRun {
  return { ...TERMS, originalRunId: 'home', stamped: true, countedReads: 0, ...changes };
}

function known(home: RunFacts, grants: readonly TakenRead[] = []): LedgerAnswer {
  return { kind: 'KNOWN', ledger: ledgerOf(home, { rule: RULE, taken: grants }) };
}

describe('a scheduled read of the home run', () => {
  it.each<[string, ActivityEnd, number]>([
    ['answered', completed(answer()), 1],
    ['answered, not readably', completed(MALFORMED), 1],
    ['with a report that nobody can read', completed(undefined), 1],
    ['without an end', { kind: 'OPEN' }, 1],
    ['failed or timed out', { kind: 'FAILED', at: AT }, 1],
    ['of unknown effect', completed(uncertain()), 1],
    ['dispatched again by an operator', completed(withheld('REDISPATCHED')), 1],
    ['never taken by a worker', { kind: 'NEVER_STARTED', at: AT }, 0],
    ['proven unsent', completed(unsent()), 0],
    ['refused before looking', completed(vendorError('CONCURRENCY_LIMIT_EXCEEDED')), 0],
  ])('%s', (_name, end, counted) => {
    expect(homeReadsCounted(run([read(end)]), RULE)).toBe(counted);
  });

  it('is given back for a refusal five times, then it counts', () => {
    const refused = Array.from({ length: 7 }, () => read(completed(vendorError('CONCURRENCY_LIMIT_EXCEEDED'))));
    expect(homeReadsCounted(run(refused), RULE)).toBe(2);
    expect(homeReadsCounted(run(refused), { ...RULE, countRefused: true })).toBe(7);
  });
});

describe('a home run that ended in the midst of its last task', () => {
  const mayHaveEmitted = (end: ActivityEnd, lastTaskLost = true): boolean => {
    const home = run([read(completed(pending())), read(end)], lastTaskLost ? { lastTaskLost } : {});
    return ledgerOf(home, { rule: RULE, taken: [] }).mayHaveEmitted === true;
  };

  it.each<[string, ActivityEnd]>([
    ['a verdict', completed(answer())],
    ['no sense', completed(MALFORMED)],
    ["the vendor's error", completed(vendorError('DATA_DESTROYED'))],
    ['what nobody here can read', completed(undefined)],
  ])('may have published the outcome of a read that brought %s', (_what, end) => {
    expect(mayHaveEmitted(end)).toBe(true);
    expect(mayHaveEmitted(end, false)).toBe(false);
  });

  it.each<[string, ActivityEnd]>([
    ['is still processing', completed(pending())],
    ['is of unknown effect', completed(uncertain())],
    ['was never sent', completed(unsent())],
    ['was withheld', completed(withheld('LEDGER_UNKNOWN'))],
    ['was lost with its worker', { kind: 'FAILED', at: AT }],
    ['has no end', { kind: 'OPEN' }],
  ])('has published nothing if its read %s', (_what, end) => {
    expect(mayHaveEmitted(end)).toBe(false);
  });
});

describe('a granted read', () => {
  it.each<[string, Partial<TakenRead>, string]>([
    ['whose run is gone', {}, 'UNCERTAIN'],
    ['whose input says nothing', { by: { workflowId: '', runId: '', activityId: '' } }, 'UNCERTAIN'],
    ['that another activity of the run made', { facts: run([read(completed(answer()), '9')]) }, 'UNCERTAIN'],
    ['in flight when its run ended', { facts: run([read({ kind: 'OPEN' })]) }, 'UNCERTAIN'],
    ['whose grant was not confirmed', { facts: run([read(completed(withheld('LEDGER_UNKNOWN')))]) }, 'UNCERTAIN'],
    ['answered', { facts: run([read(completed(answer()))]) }, 'ANSWER'],
    ['proven unsent', { facts: run([read(completed(unsent()))]) }, 'UNSENT'],
    ['refused', { facts: run([read(completed(vendorError('AUTHENTICATION_ERROR')))]) }, 'VENDOR_ERROR'],
  ])('%s counts, whatever came of it', (_name, changes, kind) => {
    const ledger = ledgerOf(run([]), { rule: RULE, taken: [taken(1, changes)] });
    expect(ledger).toMatchObject({ counted: 1, free: [2, 3], reads: [{ granted: 1, report: { kind } }] });
    const state = evolve(initialState(assignmentWith()), { kind: 'LEDGER_RECOVERED', atMs: 0, reads: ledgerRecords(ledger.reads) });
    expect(accountOf(state).left).toBe(2);
  });
});

describe('what a run that is not the home run may do', () => {
  it.each<[string, LedgerAnswer, Partial<AskingRun>, object]>([
    [
      'knows less than the ledger',
      known(run([read(completed(pending()))])),
      {},
      { kind: 'RECOVERED', reads: [{ report: { kind: 'ANSWER' } }] },
    ],
    ['knows as much', known(run([read(completed(pending()))])), { countedReads: 1 }, { kind: 'GRANT', read: 2 }],
    ['begins where the home run read nothing', known(run([])), {}, { kind: 'GRANT', read: 1 }],
    [
      'learns of an answer where it only knows of a try',
      known(run([read(completed(pending()))])),
      { countedReads: 1, answeredReads: 0 },
      { kind: 'RECOVERED', reads: expect.any(Array) },
    ],
    [
      'counts a dispatch that granted nothing',
      known(run([read(completed(pending()))])),
      { countedReads: 2, answeredReads: 1 },
      { kind: 'RECOVERED', reads: [{ report: { kind: 'ANSWER' } }] },
    ],
    [
      'counts one, and holds an answer whose history is gone',
      known(run([]), [taken(1)]),
      { countedReads: 2, answeredReads: 1 },
      { kind: 'GRANT', read: 2 },
    ],
    [
      'does not know whether a dispatch granted anything, and it did',
      known(run([]), [taken(1)]),
      { countedReads: 1, answeredReads: 0, unconfirmedReads: 1 },
      { kind: 'RECOVERED', reads: [{ granted: 1 }] },
    ],
    ['finds a gap', known(run([]), [taken(2)]), { countedReads: 1 }, { kind: 'GRANT', read: 1 }],
    ['finds all taken', known(run([]), [taken(1), taken(2), taken(3)]), { countedReads: 3 }, { kind: 'REFUSE', why: 'NO_SLOT_LEFT' }],
    ['has more calls in its input', known(run([])), { maxReads: 4 }, { kind: 'REFUSE', why: 'LEDGER_UNKNOWN', doubt: 'OTHER_TERMS' }],
    ['has a later deadline', known(run([])), { deadlineAt: '2026-03-03T12:00:00Z' }, { kind: 'REFUSE', doubt: 'OTHER_TERMS' }],
    ['counts refusals otherwise', known(run([])), { countRefused: true }, { kind: 'REFUSE', doubt: 'OTHER_TERMS' }],
    [
      'gets no answer',
      { kind: 'UNKNOWN', doubt: 'SERVER_UNAVAILABLE' },
      {},
      { kind: 'REFUSE', why: 'LEDGER_UNKNOWN', doubt: 'SERVER_UNAVAILABLE' },
    ],
  ])('%s', (_name, ledger, changes, expected) => {
    expect(awayDispatch(ledger, asking(changes))).toMatchObject(expected);
  });

  it('an unreadable home input grants nothing', () => {
    const { terms: _gone, ...home } = run([]);
    expect(awayDispatch(known(home), asking())).toMatchObject({ kind: 'REFUSE', doubt: 'OTHER_TERMS' });
  });
});

const anyEnd: fc.Arbitrary<ActivityEnd> = fc.oneof(
  { weight: 4, arbitrary: anyReport.map((report) => completed(report)) },
  { weight: 2, arbitrary: fc.constantFrom<ActivityEnd>({ kind: 'OPEN' }, { kind: 'FAILED', at: AT }, { kind: 'NEVER_STARTED', at: AT }) },
);

describe('recovered reads', () => {
  it('whatever the histories hold: a run learns once, reads and grants never exceed the quota, a verdict needs no read', () => {
    fc.assert(
      fc.property(
        anyAssignment,
        fc.array(anyEnd, { maxLength: 10 }),
        fc.array(anyEnd, { maxLength: 5 }),
        (assignment, ends, grantedEnds) => {
          const { policy } = assignment;
          const home = run(
            boundedBy(policy, ends).map((end) => read(end)),
            { terms: { ...policy, deadlineAt: TERMS.deadlineAt } },
          );
          const first = homeReadsCounted(home, policy) + 1;
          const grants = grantedEnds
            .slice(0, Math.max(0, policy.maxReads - first + 1))
            .map((end, index) => taken(first + index, { facts: run([read(end)]) }));
          const ledger = ledgerOf(home, { rule: policy, taken: grants });
          expect(ledger.counted + ledger.free.length).toBe(Math.max(policy.maxReads, homeReadsCounted(home, policy)));

          const reads = ledgerRecords(ledger.reads);
          const underway = evolve(initialState(assignment), { kind: 'READ_SCHEDULED', atMs: assignment.admittedAtMs, trigger: 'SCHEDULE' });
          const state = evolve(underway, { kind: 'LEDGER_RECOVERED', atMs: assignment.admittedAtMs, reads });
          const { answered, counted } = accountOf(state);
          // Counted alike on both sides: otherwise the run would be told of the same reads for ever.
          expect(counted).toBe(ledger.counted);
          expect(knowsBetter(ledger, { countedReads: counted, answeredReads: answered })).toBe(false);
          expect(knowsBetter(ledger, { countedReads: counted + 1, answeredReads: answered })).toBe(true);
          expect(state.reads.map(({ number }) => number)).toEqual(ledger.reads.map((_, index) => index + 1));

          const decision = decide(state, assignment.admittedAtMs);
          if (decision.kind === 'READ') expect(ledger.free.length).toBeGreaterThan(0);
          const last = ledger.reads.length - 1;
          const settles = ledger.reads.some(
            ({ report }, index) =>
              report.kind === 'ANSWER' && isFinal(report.answer) && (index === last || !saysNobodyKnows(report.answer)),
          );
          if (settles) expect(decision.kind).toBe('FINISH');
        },
      ),
      runs(300),
    );
  });

  it('replace what the run knew and give back the read in flight', () => {
    const assignment = assignmentWith();
    const underway = evolve(initialState(assignment), { kind: 'READ_SCHEDULED', atMs: assignment.admittedAtMs, trigger: 'SCHEDULE' });
    const state = evolve(underway, { kind: 'LEDGER_RECOVERED', atMs: assignment.admittedAtMs, reads: [] });
    expect(state).toEqual({ ...initialState(assignment), away: true });
  });

  it('settle a verdict that is among them', () => {
    const { reads: found } = ledgerOf(run([read(completed(pending())), read(completed(answer()), '2')]), { rule: RULE, taken: [] });
    const reads = ledgerRecords(found);
    const assignment = assignmentWith();
    const state = evolve(initialState(assignment), { kind: 'LEDGER_RECOVERED', atMs: assignment.admittedAtMs, reads });
    expect(decide(state, assignment.admittedAtMs)).toMatchObject({ kind: 'FINISH', verdict: { outcome: 'PASSED' } });
  });
});

/** The vendor has ended the session and nothing asks for another request: said here without the judge's help. */
function isFinal({ status, verifyError, liveness, verifyPresent, comparisons }: Answer): boolean {
  if (['FAILED', 'CANCELLED', 'TIMEOUT', 'WEBRTC_UNSUPPORTED'].includes(status)) return verifyError !== 'INTERNAL_ERROR';
  if (status !== 'OK' || verifyError === 'INTERNAL_ERROR') return false;
  if (liveness.result === 'FAIL' || verifyError !== undefined) return true;
  const whole = ['result_ref1', 'result_ref2'].every((name) => {
    const { confidence = -1, thresholds = {} } = comparisons.find((comparison) => comparison.name === name) ?? {};
    return confidence >= 0 && confidence <= 100 && Object.keys(thresholds).length === 4;
  });
  return liveness.result !== 'ABSENT' && verifyPresent && whole;
}

/** It ends as ERROR, which is set aside as soon as somebody asks again (ADR 12). */
function saysNobodyKnows({ status, verifyError }: Answer): boolean {
  return status === 'OK' && verifyError === 'DATA_SOURCE_ERROR';
}

/** A home run stops at its quota, as the domain makes it do. */
function boundedBy(
  policy: { maxReads: number; maxRefusals: number; countRefused: boolean },
  ends: readonly ActivityEnd[],
): readonly ActivityEnd[] {
  return ends.filter((_, index) => homeReadsCounted(run(ends.slice(0, index).map((end) => read(end))), policy) < policy.maxReads);
}
