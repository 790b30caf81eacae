import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { concludedVerdict } from '../../src/domain/judging/conclude.ts';
import { isUnconfirmed, unconfirmedReads } from '../../src/domain/ledger/asking-run.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { initialState } from '../../src/domain/state.ts';
import * as s from './samples.ts';

const DATA_SOURCE = s.answer({ verifyError: 'DATA_SOURCE_ERROR' });
const SOON = '2026-03-01T12:00:00.000Z';
const BROKEN: ReadReport = { kind: 'UNCERTAIN', cause: 'WORKER_LOST', sentAt: SOON, endedAt: SOON };
const REPLAYED = s.T0 + 2 * s.HOUR;
const replayed = (): Parameters<typeof s.stateAfter>[0] => s.assignmentWith({ replayedAtMs: REPLAYED });

describe('a replayed run', () => {
  it('reads at once, whatever the plan says', () => {
    const at = s.assignmentWith({ profile: 'patient', replayedAtMs: s.T0 + s.MINUTE });
    expect(decide(s.stateAfter(at, []), s.T0 + s.MINUTE)).toEqual({ kind: 'READ', slot: 1, trigger: 'OPERATOR' });
    expect(decide(s.stateAfter(s.assignmentWith({ profile: 'patient' }), []), s.T0 + s.MINUTE).kind).toBe('WAIT');
  });

  it('goes on by plan after its first read', () => {
    const state = s.stateAfter(replayed(), [{ atMs: 2 * s.HOUR, report: s.pending() }]);
    expect(decide(state, REPLAYED + s.SECOND)).toMatchObject({ kind: 'WAIT', why: 'PLANNED_READ' });
  });

  it('is still due its first read after a dispatch that may not have been made, a backoff later', () => {
    const at = s.assignmentWith({ profile: 'patient', replayedAtMs: REPLAYED });
    const scheduled = evolve(initialState(at), { kind: 'READ_SCHEDULED', atMs: REPLAYED, trigger: 'OPERATOR' });
    const ended = { kind: 'READ_ENDED', atMs: REPLAYED + s.MINUTE, report: s.uncertain('WORKER_LOST') } as const;
    const lost = evolve(scheduled, ended);
    const againAtMs = ended.atMs + s.SETTINGS.errorBackoffMs;
    expect(decide(lost, againAtMs - 1)).toMatchObject({ kind: 'WAIT', untilMs: againAtMs });
    expect(decide(lost, againAtMs)).toEqual({ kind: 'READ', slot: 2, trigger: 'OPERATOR' });
    expect(unconfirmedReads(lost)).toBe(1);
    const made = { scheduledAtMs: REPLAYED, endedAtMs: ended.atMs, trigger: 'OPERATOR', report: ended.report, granted: 1 } as const;
    const known = evolve(lost, { kind: 'LEDGER_RECOVERED', atMs: againAtMs, reads: [made] });
    expect(unconfirmedReads(known)).toBe(0);
    expect(decide(known, againAtMs).kind).toBe('WAIT');
  });

  it.each<[string, Parameters<typeof s.stateAfter>[0], ReadReport, boolean]>([
    ['nothing but that its worker is lost', replayed(), s.uncertain('WORKER_LOST'), true],
    ['that a defect broke it after it was granted', replayed(), BROKEN, false],
    ['that it got no answer', replayed(), s.uncertain('TIMEOUT'), false],
    ['that it was not sent', replayed(), s.unsent(), false],
    ['nothing, and no operator asked for it', s.assignmentWith(), s.uncertain('WORKER_LOST'), false],
  ])('a read of which it knows %s', (_what, assignment, report, unconfirmed) => {
    expect(isUnconfirmed(initialState(assignment), report)).toBe(unconfirmed);
  });

  it('asks again after an ERROR of before, and takes what it then hears', () => {
    const before = { atMs: s.HOUR, report: DATA_SOURCE };
    expect(decide(s.stateAfter(replayed(), [before]), REPLAYED)).toMatchObject({ kind: 'READ', slot: 2, trigger: 'OPERATOR' });
    const after = s.stateAfter(replayed(), [before, { atMs: 2 * s.HOUR, report: s.answer() }]);
    expect(concludedVerdict(after)?.outcome).toBe('PASSED');
    const again = s.stateAfter(replayed(), [before, { atMs: 2 * s.HOUR, report: DATA_SOURCE }]);
    expect(concludedVerdict(again)?.reasons[0]?.code).toBe('DATA_SOURCE_ERROR');
  });

  it('keeps an ERROR when no slot or no time was left', () => {
    const all = [0, 1, 2].map((hour) => ({ atMs: hour * s.MINUTE, report: hour === 2 ? DATA_SOURCE : s.pending() }));
    expect(decide(s.stateAfter(replayed(), all), REPLAYED)).toMatchObject({ kind: 'FINISH', verdict: { outcome: 'ERROR' } });
    const late = s.assignmentWith({ replayedAtMs: s.T0 + 25 * s.HOUR });
    expect(decide(s.stateAfter(late, [{ atMs: s.HOUR, report: DATA_SOURCE }]), s.T0 + 25 * s.HOUR)).toMatchObject({
      kind: 'FINISH',
      verdict: { reasons: [{ code: 'DATA_SOURCE_ERROR' }] },
    });
  });

  it.each([s.answer(), s.answer({ liveness: { result: 'FAIL' } }), s.answer({ multipleFaces: true }), s.vendorError('DATA_DESTROYED')])(
    'never asks again after any other verdict',
    (report) => {
      expect(decide(s.stateAfter(replayed(), [{ atMs: s.HOUR, report }]), REPLAYED).kind).toBe('FINISH');
    },
  );

  it('the verdict of a read made after an ERROR stands in every later run, replayed or not', () => {
    const reads = [
      { atMs: s.HOUR, report: DATA_SOURCE },
      { atMs: 2 * s.HOUR, report: s.answer() },
    ];
    for (const assignment of [s.assignmentWith(), replayed(), s.assignmentWith({ replayedAtMs: s.T0 + 30 * s.HOUR })]) {
      expect(concludedVerdict(s.stateAfter(assignment, reads))?.outcome).toBe('PASSED');
    }
  });

  it('a home run is not concerned: an ERROR settles it', () => {
    expect(concludedVerdict(s.stateAfter(s.assignmentWith(), [{ atMs: s.HOUR, report: DATA_SOURCE }]))?.outcome).toBe('ERROR');
  });
});
