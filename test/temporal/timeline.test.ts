import { describe, expect, it } from 'vitest';
import { grantedReadWorkflowId, grantedRevisionWorkflowId } from '../../src/domain/ids.ts';
import { lineOf } from '../../src/operator/timeline/lines.ts';
import { pageOf } from '../../src/operator/timeline/page.ts';
import { DETAILS } from '../operator/timeline/cases.ts';
import { iso, PASSED_READ, PENDING_READ, UNCERTAIN_READ } from '../support/verification-input.ts';
import {
  AT,
  SECRETS,
  INPUT,
  WORKFLOW_ID,
  RECEIPT,
  payload,
  historyOf,
  started,
  scheduled,
  READ,
  taken,
  done,
  failed,
  timer,
  FIRED,
  CANCELED,
  TERMINATED,
  FAILED,
  CANCEL,
  signaled,
  ended,
  resetTo,
  FAILED_TASK,
  OUTCOME,
  PASSED,
  type World,
  timelineOf,
} from './told-histories.ts';

async function linesOf(world: World): Promise<readonly string[]> {
  return (await timelineOf(world)).events.map((event) => {
    const { what, more } = lineOf(event, AT + 3_600_000);
    return [what, ...more].join(' · ');
  });
}

const ADMITTED = 'admitted from requests, partition 3, offset 1200 · policy completed';
const ANSWERED = 'counted · as planned · took 1 s · worker 7@worker-1 · vendor request 1737010000,aaaa';

describe('what a history tells', () => {
  it.each<[string, World, readonly string[]]>([
    [
      'an outcome published at once',
      { runs: { home: historyOf(started(), READ, taken(2), done(2, PASSED_READ), ended({ outcome: OUTCOME, emission: RECEIPT })) } },
      [
        ADMITTED,
        `read 1 of 3: the vendor answered OK · ${ANSWERED}`,
        'decided PASSED · liveness PASS · advice NEW_VERIFICATION',
        `published PASSED · outcomes, partition 2, offset 9 · ${INPUT.verificationId}.r1`,
      ],
    ],
    [
      'an outcome published by an activity, once more after it was stopped',
      {
        runs: {
          home: historyOf(started(), ...PASSED, failed(2), ...PASSED, done(4, RECEIPT), ended({ outcome: OUTCOME, emission: RECEIPT })),
        },
      },
      [
        ADMITTED,
        'decided PASSED · advice NEW_VERIFICATION',
        'the emission was stopped by hand',
        'decided PASSED · advice NEW_VERIFICATION',
        `published PASSED · outcomes, partition 2, offset 9 · ${INPUT.verificationId}.r1`,
      ],
    ],
    [
      'a wait that a hint cut short, and words that are no hint',
      {
        runs: {
          home: historyOf(
            started(),
            timer('1', 300),
            signaled({ kind: 'SESSION_ENDED', trusted: true }),
            CANCELED,
            signaled({ kind: SECRETS.token }),
            signaled(1, 'other'),
            CANCEL,
          ),
        },
      },
      [
        ADMITTED,
        'waiting for the session to end: 2 s · cut short',
        'trusted hint SESSION_ENDED by jane@desk',
        'hint that is none by jane@desk',
        'cancellation asked for by jane@desk',
      ],
    ],
    [
      'a wait that is over',
      { runs: { home: historyOf(started(), timer('1', 1), FIRED) } },
      [ADMITTED, 'waiting for the session to end: 1 s'],
    ],
    [
      'an uncertain read',
      { runs: { home: historyOf(started(), READ, taken(2), done(2, UNCERTAIN_READ)) } },
      [
        ADMITTED,
        'read 1 of 3: no answer (TIMEOUT); it may have counted, so it counts · uncertain, counted · as planned · took 1 s · worker 7@worker-1',
      ],
    ],
    [
      'a run that was terminated with a read in flight, beside a wait',
      { runs: { home: historyOf(started(), timer('1', 900), READ, TERMINATED) } },
      [
        ADMITTED,
        'waiting for the session to end: 2 s · cut short',
        'read 1 of 3: the run ended before its answer; it may have counted · uncertain, counted · as planned · took 1 s',
        'the run ended without an outcome: TERMINATED by jane@desk · by mistake',
      ],
    ],
    [
      'a run that failed',
      { runs: { home: historyOf(started(), FAILED_TASK, FAILED) } },
      [ADMITTED, 'the run ended without an outcome: FAILED · HomeGone'],
    ],
    [
      'a read that no worker takes',
      { runs: { home: historyOf(started(), READ) }, raw: { pendingActivities: [{ activityType: { name: 'getResult' }, state: 1 }] } },
      [ADMITTED, 'read 1 of 3 waits for a worker, for 59 min 59 s by now · no worker takes it: none runs, or reads are held · as planned'],
    ],
    [
      'a read in flight, and who makes it',
      {
        runs: { home: historyOf(started(), READ) },
        raw: {
          pendingActivities: [
            {
              activityType: { name: 'getResult' },
              state: 2,
              lastStartedTime: { seconds: AT / 1_000 + 3_599 },
              lastWorkerIdentity: '8@worker-2',
            },
          ],
        },
      },
      [ADMITTED, 'read 1 of 3 is in flight, for 1 s by now · as planned · worker 8@worker-2'],
    ],
    [
      'an emission that Kafka does not take',
      {
        runs: { home: historyOf(started(), ...PASSED) },
        raw: {
          pendingActivities: [
            { activityType: { name: 'emitOutcome' }, state: 1, attempt: 7, lastFailure: { message: 'kafka unavailable' } },
          ],
        },
      },
      [ADMITTED, 'decided PASSED · advice NEW_VERIFICATION', 'being published, attempt 7 · kafka unavailable'],
    ],
  ])('%s', async (_what, world, lines) => {
    expect(await linesOf(world)).toEqual(lines);
  });
});

const HOME = historyOf(started(), READ, taken(2), done(2, PENDING_READ), TERMINATED);

describe('several runs are one story', () => {
  it('a reset tells only what came after it', async () => {
    const reset = historyOf(started(), READ, taken(2), done(2, PENDING_READ), resetTo('again'), ...PASSED, done(6, RECEIPT));
    const { runs, events } = await timelineOf({ runs: { home: HOME, again: reset }, latest: 'again' });
    expect(runs.map(({ runId, kind }) => [runId, kind])).toEqual([
      ['home', 'HOME'],
      ['again', 'RESET'],
    ]);
    expect(events.filter(({ runId }) => runId === 'home').map(({ kind }) => kind)).toEqual(['ADMITTED', 'READ', 'RUN_ENDED']);
    expect(events.filter(({ runId }) => runId === 'again').map(({ kind }) => kind)).toEqual(['RESET', 'DECIDED', 'EMITTED']);
  });

  it('a replay that learns of the reads emits the same outcome again, and finds its home run without visibility', async () => {
    const order = { homeRunId: 'home', operator: 'jane', reason: 'vendor outage', ticket: 'INC-7', requestedAt: iso(AT) };
    const recovered = { kind: 'RECOVERED', reads: [{ scheduledAt: iso(AT), report: PASSED_READ }] };
    const home = historyOf(started(), ...PASSED, done(2, RECEIPT), ended({ outcome: OUTCOME, emission: RECEIPT }));
    const replay = historyOf(
      started({ input: { ...INPUT, replay: order }, stamped: false, original: 'replay' }),
      READ,
      done(2, recovered),
      ...PASSED,
      done(4, RECEIPT),
    );
    const world: World = { runs: { home, replay }, latest: 'replay', invisible: ['home'] };
    expect((await timelineOf(world)).runs.map(({ kind }) => kind).toSorted()).toEqual(['HOME', 'REPLAY']);
    const lines = await linesOf(world);
    for (const line of [
      'replayed by jane · vendor outage · INC-7',
      'read 1 of 3 was not made: the ledger knew better',
      'learnt from the ledger of 1 read, and decided again',
      'decided PASSED · liveness PASS · advice NEW_VERIFICATION',
    ])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line.startsWith('published PASSED again'))).toHaveLength(1);
  });

  it('a decision by a person is told with who, why and upon what, and is no replay', async () => {
    const ruling = { verdict: 'APPROVED', reviewer: 'mia', upon: 1 } as const;
    const order = { homeRunId: 'home', operator: 'jane', reason: 'a portrait', ticket: 'CASE-9', requestedAt: iso(AT), ruling };
    const home = historyOf(started(), ...PASSED, done(2, RECEIPT), ended({ outcome: OUTCOME, emission: RECEIPT }));
    const decided = historyOf(
      started({ input: { ...INPUT, replay: order }, stamped: false, original: 'decided' }),
      ...PASSED,
      done(2, RECEIPT),
    );
    const world: World = { runs: { home, decided }, latest: 'decided' };
    expect((await timelineOf(world)).runs.map(({ kind }) => kind).toSorted()).toEqual(['DECISION', 'HOME']);
    expect(await linesOf(world)).toContain('approved by hand by mia · upon revision 1 · a portrait · CASE-9');
  });

  it('a start by hand is told as that', async () => {
    expect(await linesOf({ runs: { home: historyOf(started({ stamped: false })) } })).toEqual(['started by hand by ui@host']);
  });

  it('grants that no run tells of are told, those of runs are not', async () => {
    const by = { workflowId: WORKFLOW_ID, runId: 'gone', activityId: '1' };
    const grant = (input: object): object[] =>
      historyOf({
        eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
        workflowExecutionStartedEventAttributes: { input: { payloads: [payload(input)] } },
      });
    const manual = { ...OUTCOME, revision: 2, actor: { type: 'OPERATOR', id: 'jane', justification: 'seen' } };
    const lines = await linesOf({
      runs: { home: historyOf(started(), READ, done(2, { ...PASSED_READ, granted: 2 }), ...PASSED, done(4, RECEIPT)) },
      grants: {
        [grantedReadWorkflowId(INPUT.verificationId, 2)]: grant({ grantedTo: by }),
        [grantedReadWorkflowId(INPUT.verificationId, 3)]: grant({ grantedTo: by }),
        [grantedRevisionWorkflowId(INPUT.verificationId, 1)]: grant({ grantedTo: by, event: OUTCOME }),
        [grantedRevisionWorkflowId(INPUT.verificationId, 2)]: grant({ grantedTo: by, event: manual }),
      },
    });
    expect(lines.filter((line) => /granted|revision/.test(line))).toEqual([
      'read 3 granted to run gone · what came of it is not known',
      'revision 2: PASSED by jane · seen',
      expect.stringContaining('granted as number 2 beyond the home run'),
    ]);
  });

  it('says what it could not read', async () => {
    expect((await timelineOf({ runs: { home: HOME }, visibilityAway: true })).gaps).toEqual([
      'earlier runs could not be searched for (visibility is away)',
    ]);
    const untaken = await timelineOf({
      runs: { home: HOME },
      raw: { pendingWorkflowTask: { originalScheduledTime: { seconds: AT / 1_000 } } },
    });
    expect(untaken.untakenSince).toBe(iso(AT));
  });
});

it('holds no token, business number or attribute, in whatever form it is shown', async () => {
  const order = { homeRunId: 'home', operator: 'jane', reason: 'x', requestedAt: iso(AT) };
  const answer = { ...OUTCOME, correlation: { ...OUTCOME.correlation, bizNo: SECRETS.bizNo }, attributes: INPUT.attributes };
  const timeline = await timelineOf({
    runs: {
      home: historyOf(
        started(),
        READ,
        taken(2),
        done(2, PASSED_READ),
        signaled({ kind: SECRETS.token, bizNo: SECRETS.bizNo }),
        scheduled('emitOutcome', { event: answer }),
        done(6, RECEIPT),
        ended({ outcome: answer, emission: RECEIPT }),
      ),
      replay: historyOf(started({ input: { ...INPUT, replay: order }, stamped: false, original: 'replay' }), READ),
    },
    latest: 'replay',
  });
  expect(timeline.events.length).toBeGreaterThan(6);
  const shown = [
    JSON.stringify(timeline),
    pageOf({ details: DETAILS, timeline, nowMs: AT }),
    ...timeline.events.map((event) => JSON.stringify(lineOf(event, AT))),
  ].join('\n');
  expect([...Object.values(SECRETS), INPUT.sealedToken].filter((secret) => shown.includes(secret))).toEqual([]);
});
