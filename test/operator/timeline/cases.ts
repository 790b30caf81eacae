import type { VerificationDetails } from '../../../src/operator/ports.ts';
import { HOME, READ_CASES, REPLAY } from './read-cases.ts';
import type { EventKind, EventOf, Timeline, TimelineEvent } from '../../../src/operator/timeline/ports.ts';

export const NOW_MS = Date.parse('2026-02-01T14:00:00Z');
export const ID = 'dwo7f5duyy4bp6gv3yi5xvnkk2';
const TO = { workflowId: `fv-${ID}`, runId: REPLAY, activityId: '1' };
const ORDER = { homeRunId: HOME, operator: 'jane', reason: 'vendor outage', requestedAt: '2026-02-01T12:00:00.000Z' };
const OUTCOMES = { topic: 'faceid.verification.outcome.v1', partition: 2, offset: '9' };

/** Events of every kind, with the lines that people read of them. */
export const CASES: { readonly [K in EventKind]: readonly (readonly [event: EventOf<K>, line: string])[] } = {
  ADMITTED: [
    [
      {
        kind: 'ADMITTED',
        at: '2026-02-01T11:00:02.000Z',
        runId: HOME,
        topic: 'faceid.verification.requested.v1',
        partition: 3,
        offset: '1200',
        issuedAt: '2026-02-01T11:00:00.000Z',
        deadlineAt: '2026-02-02T11:00:00.000Z',
        policy: 'issued',
      },
      'admitted from faceid.verification.requested.v1, partition 3, offset 1200 · policy issued',
    ],
  ],
  WAITED: [
    [
      {
        kind: 'WAITED',
        at: '2026-02-01T11:00:02.000Z',
        runId: HOME,
        why: 'waiting for the session to end',
        follows: 'next read',
        untilAt: '2026-02-01T11:05:00.000Z',
        endedAt: '2026-02-01T11:02:10.000Z',
        cutShort: true,
      },
      'waiting for the session to end: 2 min 8 s · cut short',
    ],
    [
      {
        kind: 'WAITED',
        at: '2026-02-01T13:00:00.000Z',
        runId: REPLAY,
        why: 'keeping the last read for the end of the window',
        follows: 'next read',
        untilAt: '2026-02-02T10:00:00.000Z',
      },
      'keeping the last read for the end of the window, for 1 h by now · next read in 20 h',
    ],
    [
      {
        kind: 'WAITED',
        at: '2026-02-01T13:59:00.000Z',
        runId: REPLAY,
        why: 'waiting for the deadline, no read is left to make',
        untilAt: '2026-02-02T11:00:00.000Z',
      },
      'waiting for the deadline, no read is left to make, for 1 min by now · over in 21 h',
    ],
  ],
  HINTED: [
    [
      { kind: 'HINTED', at: '2026-02-01T11:02:10.000Z', runId: HOME, hint: 'SESSION_ENDED', trusted: true, by: 'jane@desk' },
      'trusted hint SESSION_ENDED by jane@desk',
    ],
  ],
  READ: READ_CASES,
  CANCEL_REQUESTED: [
    [{ kind: 'CANCEL_REQUESTED', at: '2026-02-01T11:30:00.000Z', runId: HOME, by: 'jane@desk' }, 'cancellation asked for by jane@desk'],
  ],
  DECIDED: [
    [
      {
        kind: 'DECIDED',
        at: '2026-02-01T11:30:00.000Z',
        runId: HOME,
        outcome: 'ERROR',
        reasons: ['CANCELLED_BY_OPERATOR'],
        why: 'an operator cancelled the verification',
        advice: 'REDRIVE_SAME_TOKEN',
      },
      'decided ERROR · an operator cancelled the verification · advice REDRIVE_SAME_TOKEN',
    ],
    [
      {
        kind: 'DECIDED',
        at: '2026-02-01T12:00:04.000Z',
        runId: REPLAY,
        outcome: 'FAILED',
        reasons: ['MATCH_BELOW_THRESHOLD'],
        why: 'result_ref1 68.918, needs 69 for 1e-4',
        advice: 'NONE',
      },
      'decided FAILED · result_ref1 68.918, needs 69 for 1e-4',
    ],
  ],
  EMITTED: [
    [
      { kind: 'EMITTED', at: '2026-02-01T11:30:01.000Z', runId: HOME, outcome: 'ERROR', ceId: `${ID}.r1`, ...OUTCOMES },
      `published ERROR · faceid.verification.outcome.v1, partition 2, offset 9 · ${ID}.r1`,
    ],
    [
      {
        kind: 'EMITTED',
        at: '2026-02-01T11:40:01.000Z',
        runId: HOME,
        outcome: 'ERROR',
        ceId: `${ID}.r1`,
        again: true,
        ...OUTCOMES,
        offset: '12',
      },
      `published ERROR again · faceid.verification.outcome.v1, partition 2, offset 12 · ${ID}.r1`,
    ],
  ],
  EMISSION_STOPPED: [[{ kind: 'EMISSION_STOPPED', at: '2026-02-01T11:31:00.000Z', runId: HOME }, 'the emission was stopped by hand']],
  EMISSION_PENDING: [
    [
      { kind: 'EMISSION_PENDING', at: '2026-02-01T13:50:00.000Z', runId: REPLAY, attempt: 7, failure: 'kafka unavailable: no answer' },
      'being published, attempt 7 · kafka unavailable: no answer',
    ],
  ],
  REPLAYED: [
    [
      { kind: 'REPLAYED', at: '2026-02-01T12:00:00.000Z', runId: REPLAY, operator: 'jane', reason: 'vendor outage', ticket: 'INC-7' },
      'replayed by jane · vendor outage · INC-7',
    ],
  ],
  STARTED_BY_HAND: [[{ kind: 'STARTED_BY_HAND', at: '2026-02-01T12:10:00.000Z', by: 'ui@temporal' }, 'started by hand by ui@temporal']],
  RESET: [
    [{ kind: 'RESET', at: '2026-02-01T12:20:00.000Z', by: 'temporal-cli', reason: 'a bad build' }, 'reset by temporal-cli · a bad build'],
  ],
  LEDGER_TOLD: [
    [
      { kind: 'LEDGER_TOLD', at: '2026-02-01T12:00:02.000Z', runId: REPLAY, reads: 2 },
      'learnt from the ledger of 2 reads, and decided again',
    ],
    [
      { kind: 'LEDGER_TOLD', at: '2026-02-01T12:00:02.000Z', runId: REPLAY, reads: 1 },
      'learnt from the ledger of 1 read, and decided again',
    ],
  ],
  READ_GRANTED: [
    [
      { kind: 'READ_GRANTED', at: '2026-02-01T12:30:00.000Z', read: 3, to: { ...TO, replay: ORDER } },
      'read 3 granted to the replay of jane · what came of it is not known',
    ],
    [
      { kind: 'READ_GRANTED', at: '2026-02-01T12:30:00.000Z', read: 3, to: TO },
      `read 3 granted to run ${REPLAY} · what came of it is not known`,
    ],
  ],
  REVISION_GRANTED: [
    [
      {
        kind: 'REVISION_GRANTED',
        at: '2026-02-01T12:40:00.000Z',
        revision: 3,
        outcome: 'PASSED',
        reasons: [],
        actor: { type: 'OPERATOR', id: 'jane', justification: 'seen by two people (INC-7)' },
      },
      'revision 3: PASSED by jane · seen by two people (INC-7)',
    ],
    [
      { kind: 'REVISION_GRANTED', at: '2026-02-01T12:40:00.000Z', revision: 2, outcome: 'EXPIRED', reasons: ['WINDOW_PASSED'], to: TO },
      `revision 2: EXPIRED, granted to run ${REPLAY} · WINDOW_PASSED`,
    ],
    [
      {
        kind: 'REVISION_GRANTED',
        at: '2026-02-01T12:40:00.000Z',
        revision: 3,
        outcome: 'FAILED',
        reasons: ['MANUAL_REJECTED'],
        actor: { type: 'HUMAN', id: 'mia', justification: 'a mask' },
      },
      'revision 3: FAILED, decided by hand by mia · MANUAL_REJECTED · a mask',
    ],
    [{ kind: 'REVISION_GRANTED', at: '2026-02-01T12:40:00.000Z', revision: 2 }, 'revision 2'],
  ],
  RULED: [
    [
      {
        kind: 'RULED',
        at: '2026-02-01T12:45:00.000Z',
        runId: REPLAY,
        verdict: 'APPROVED',
        reviewer: 'mia',
        reason: 'a portrait on the wall',
        ticket: 'CASE-9',
        upon: 1,
      },
      'approved by hand by mia · upon revision 1 · a portrait on the wall · CASE-9',
    ],
    [
      { kind: 'RULED', at: '2026-02-01T12:45:00.000Z', verdict: 'REJECTED', reviewer: 'mia', reason: 'a mask', upon: 0 },
      'rejected by hand by mia · a mask',
    ],
  ],
  RUN_ENDED: [
    [
      { kind: 'RUN_ENDED', at: '2026-02-01T12:50:00.000Z', runId: REPLAY, how: 'TERMINATED', by: 'temporal-cli', why: 'by mistake' },
      'the run ended without an outcome: TERMINATED by temporal-cli · by mistake',
    ],
  ],
};

/** One event of each kind, and a story that holds them all. */
export const ALL_EVENTS: readonly TimelineEvent[] = Object.values(CASES)
  .flatMap((cases): readonly (readonly [TimelineEvent, string])[] => cases)
  .map(([event]) => event)
  .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));

export const TIMELINE: Timeline = {
  runs: [
    { runId: HOME, kind: 'HOME', startedAt: '2026-02-01T11:00:02.000Z', closedAt: '2026-02-01T11:40:01.000Z' },
    { runId: REPLAY, kind: 'REPLAY', startedAt: '2026-02-01T12:00:00.000Z' },
  ],
  events: ALL_EVENTS,
  gaps: ['runs whose history is gone: 1'],
};

export const DETAILS: VerificationDetails = {
  verificationId: ID,
  namespace: 'default',
  workflowId: `fv-${ID}`,
  runId: REPLAY,
  status: 'RUNNING',
  stage: 'WAITING',
  startedAt: '2026-02-01T12:00:00.000Z',
  readsCounted: 2,
  readsUncertain: 1,
  maxReads: 3,
  waitingFor: 'keeping the last read for the end of the window',
  nextReadAt: '2026-02-02T10:00:00.000Z',
  deadlineAt: '2026-02-02T11:00:00.000Z',
  policy: 'issued',
  reasons: [],
  reads: [],
  timeline: TIMELINE,
};
