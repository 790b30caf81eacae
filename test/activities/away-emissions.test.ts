import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { EmitOutcomeOrder } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { Ledger, LedgerAnswer } from '../../src/domain/ledger/ledger.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { assertDocumented } from '../support/documented-outcome.ts';
import { fakeAway } from '../support/fake-ledger.ts';
import { unreadOutcome } from '../support/sample-outcome.ts';
import { DAY_MS, inputAt, PASSED_READ, PENDING_READ, TEST_SEAL } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');
const INPUT = inputAt(NOW_MS);
const ID = INPUT.verificationId;
const TERMS = { maxReads: 3, maxRefusals: 5, countRefused: false, deadlineAt: INPUT.deadlineAt };

const REPLAY = { homeRunId: 'home', operator: 'jane', reason: 'stricter', requestedAt: '2026-01-05T11:00:00.000Z' };

const OF_HOME = unreadOutcome(INPUT);
const SAME = unreadOutcome(INPUT, { runId: 'away', atMs: NOW_MS + 1_000 });
const OTHER = unreadOutcome(INPUT, { code: 'VENDOR_UNAVAILABLE', runId: 'away' });

const LEDGER: Ledger = { homeRunId: 'home', terms: TERMS, reads: [], counted: 0, answered: 0, free: [1, 2, 3], emitted: OF_HOME };

function known(changes: Partial<Ledger> = {}): LedgerAnswer {
  return { kind: 'KNOWN', ledger: { ...LEDGER, ...changes } };
}

/** Of a verification whose home run ended without an outcome. */
function unemitted(changes: Partial<Ledger> = {}): LedgerAnswer {
  const { emitted: _none, ...ledger } = LEDGER;
  return { kind: 'KNOWN', ledger: { ...ledger, ...changes } };
}

function rig(...answers: readonly LedgerAnswer[]) {
  const away = fakeAway(answers);
  const sent: string[] = [];
  const { emitOutcome } = createActivities({
    resultApi: { getResult: () => Promise.reject(new Error('not used')) },
    tokenOpener: TEST_SEAL,
    outcomeSink: {
      publish: async (event) => {
        assertDocumented(event);
        return { topic: 't', partition: 0, offset: String(sent.push(JSON.stringify(event))) };
      },
    },
    ledger: away.ledger,
    grants: away.grants,
  });
  const run = (event: OutcomeEvent, changes: Partial<EmitOutcomeOrder> & { readonly afterMs?: number } = {}) => {
    const { afterMs = 0, ...asking } = changes;
    const order: EmitOutcomeOrder = { v: 1, event, ...TERMS, originalRunId: 'home', stamped: true, countedReads: 0, ...asking };
    const dispatch = {
      activityId: '3',
      workflowExecution: { workflowId: workflowIdOf(ID), runId: 'away' },
      scheduledTimestampMs: NOW_MS,
      currentAttemptScheduledTimestampMs: NOW_MS + afterMs,
    };
    return new MockActivityEnvironment(dispatch, { logger: new DefaultLogger('ERROR') }).run(emitOutcome, order);
  };
  return { away, sent, run };
}

describe('emitOutcome in a run that is not the home run', () => {
  it('emits the earlier outcome again, byte for byte, for the same conclusion', async () => {
    const { sent, run, away } = rig(known());
    await expect(run(SAME)).resolves.toMatchObject({ event: OF_HOME });
    expect(sent).toEqual([JSON.stringify(OF_HOME)]);
    expect(away.revisions).toEqual([]);
  });

  it('emits another conclusion as the next revision, the same bytes however often it is repeated', async () => {
    const { sent, run } = rig(known());
    await run(OTHER);
    await run(OTHER, { afterMs: 1_000 });
    await run({ ...OTHER, timestamps: SAME.timestamps });
    expect(sent).toHaveLength(3);
    expect(new Set(sent)).toHaveLength(1);
    expect(JSON.parse(sent[0] ?? '')).toMatchObject({ revision: 2, supersedes: `${ID}.r1`, outcome: 'ERROR' });
  });

  it('takes nothing back on its own: a conclusion that was superseded brings the latest outcome again', async () => {
    const { sent, run, away } = rig(known());
    await run(OTHER, { replay: REPLAY });
    await run(SAME);
    await run(SAME, { replay: REPLAY });
    expect(sent).toHaveLength(3);
    expect(new Set(sent)).toHaveLength(1);
    expect(away.revisions).toHaveLength(1);
  });

  it('goes back to the first conclusion by a newer order of an operator, as a third revision', async () => {
    const { sent, run } = rig(known());
    await run(OTHER, { replay: REPLAY });
    await run(SAME, { replay: { ...REPLAY, requestedAt: '2026-01-05T12:00:00.000Z' } });
    expect(JSON.parse(sent[1] ?? '')).toMatchObject({ revision: 3, supersedes: `${ID}.r2`, outcome: 'EXPIRED' });
  });

  it('begins with revision 1 if the home run never came to emit', async () => {
    const { sent, run } = rig(unemitted());
    await run(SAME);
    expect(JSON.parse(sent[0] ?? '')).toEqual(SAME);
  });

  it('leaves revision 1 to a home run that may have emitted it at once', async () => {
    const { sent, run } = rig(unemitted({ mayHaveEmitted: true }));
    await run(OTHER);
    await run(OTHER, { afterMs: 1_000 });
    expect(JSON.parse(sent[0] ?? '')).toMatchObject({ revision: 2, supersedes: `${ID}.r1` });
    expect(new Set(sent)).toHaveLength(1);
  });

  it('emits nothing before it knows every read', async () => {
    const reads = [{ scheduledAt: INPUT.admittedAt, report: PENDING_READ }];
    const { sent, run } = rig(known({ reads, counted: 1 }));
    await expect(run(SAME)).resolves.toEqual({ kind: 'RECOVERED', reads });
    expect(sent).toEqual([]);
  });

  it('emits nothing that rests on a read which was never granted', async () => {
    const reads = [{ scheduledAt: INPUT.admittedAt, report: PENDING_READ }];
    const { sent, run, away } = rig(known({ reads, counted: 1, answered: 1, free: [2, 3] }));
    await expect(run(OTHER, { countedReads: 2, answeredReads: 1 })).resolves.toEqual({ kind: 'RECOVERED', reads });
    expect(sent).toEqual([]);
    expect(away.revisions).toEqual([]);
    await run(OTHER, { countedReads: 1, answeredReads: 1 });
    expect(sent).toHaveLength(1);
  });

  it.each(['SERVER_UNAVAILABLE', 'HOME_RUNNING'] as const)('waits for as long as it takes when the ledger says %s', async (doubt) => {
    const { sent, run } = rig({ kind: 'UNKNOWN', doubt });
    await expect(run(SAME, { afterMs: DAY_MS })).rejects.toThrow(doubt);
    expect(sent).toEqual([]);
  });

  it('emits the revision of whoever was faster, byte for byte, instead of its own like it', async () => {
    const faster = unreadOutcome(INPUT, { code: 'VENDOR_UNAVAILABLE', runId: 'faster', atMs: NOW_MS + 5_000 });
    const event: OutcomeEvent = { ...faster, revision: 2, supersedes: `${ID}.r1` };
    const { sent, run, away } = rig(known());
    away.grants.grantRevision.mockImplementationOnce(async () => {
      away.outcomes.push({ event });
      return 'TAKEN';
    });
    await expect(run(OTHER)).resolves.toMatchObject({ event });
    expect(sent).toEqual([JSON.stringify(event)]);
    expect(away.revisions).toEqual([]);
  });

  it.each(['consult', 'grantRevision'] as const)(
    'learns of the read behind a revision that another run granted during %s, instead of superseding its verdict',
    async (moment) => {
      const reads = [{ scheduledAt: INPUT.admittedAt, report: PASSED_READ }];
      const inFlight = unemitted({ counted: 1 });
      const answered = unemitted({ reads, counted: 1, answered: 1 });
      const { sent, run, away } = rig(inFlight, answered);
      if (moment === 'consult') {
        away.ledger.consult.mockReset();
        away.ledger.consult.mockImplementationOnce(async () => {
          away.outcomes.push({ event: OTHER });
          return inFlight;
        });
        away.ledger.consult.mockResolvedValue(answered);
      } else {
        away.grants.grantRevision.mockImplementationOnce(async () => {
          away.outcomes.push({ event: OTHER });
          return 'TAKEN';
        });
      }
      await expect(run(SAME, { countedReads: 1, answeredReads: 0 })).resolves.toEqual({ kind: 'RECOVERED', reads });
      expect(sent).toEqual([]);
      expect(away.revisions).toEqual([]);
    },
  );
});
