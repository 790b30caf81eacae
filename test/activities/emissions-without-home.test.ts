import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { EmitOutcomeOrder } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { LedgerAnswer } from '../../src/domain/ledger/ledger.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { assertDocumented } from '../support/documented-outcome.ts';
import { fakeAway } from '../support/fake-ledger.ts';
import { unreadOutcome } from '../support/sample-outcome.ts';
import { HOUR_MS, inputAt, MINUTE_MS, TEST_SEAL } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');
const INPUT = inputAt(NOW_MS);
const ID = INPUT.verificationId;
const TERMS = { maxReads: 3, maxRefusals: 5, countRefused: false, deadlineAt: INPUT.deadlineAt };
const EXPIRED = unreadOutcome(INPUT, { runId: 'mine' });
const PASSED: OutcomeEvent = { ...EXPIRED, outcome: 'PASSED', reasons: [] };
const REPLAY = { homeRunId: 'home', operator: 'jane', reason: 'lost its store', requestedAt: '2026-01-05T11:00:00.000Z' };

/** What visibility lists when the home run is not among it. */
function gone(...runIds: readonly string[]): LedgerAnswer {
  return { kind: 'UNKNOWN', doubt: 'HOME_NOT_FOUND', runIds };
}

type Run = Partial<EmitOutcomeOrder> & { readonly afterMs?: number };

/** A run that was started by hand, unless it says otherwise. */
function rig(answer: LedgerAnswer) {
  const away = fakeAway([answer]);
  const sent: OutcomeEvent[] = [];
  const { emitOutcome } = createActivities({
    resultApi: { getResult: () => Promise.reject(new Error('not used')) },
    tokenOpener: TEST_SEAL,
    outcomeSink: {
      publish: async (event) => {
        assertDocumented(event);
        return { topic: 't', partition: 0, offset: String(sent.push(event)) };
      },
    },
    ledger: away.ledger,
    grants: away.grants,
  });
  const run = (event: OutcomeEvent, { afterMs = 15 * MINUTE_MS, ...asking }: Run = {}) => {
    const order: EmitOutcomeOrder = { v: 1, event, ...TERMS, originalRunId: 'mine', stamped: false, countedReads: 0, ...asking };
    const dispatch = {
      workflowExecution: { workflowId: workflowIdOf(ID), runId: 'mine' },
      scheduledTimestampMs: NOW_MS,
      currentAttemptScheduledTimestampMs: NOW_MS + afterMs,
    };
    return new MockActivityEnvironment(dispatch, { logger: new DefaultLogger('ERROR') }).run(emitOutcome, order);
  };
  return { away, sent, run };
}

describe('an emission whose home run nobody finds', () => {
  it.each([0, 14 * MINUTE_MS])('waits for visibility, %i ms after it was scheduled', async (afterMs) => {
    const { sent, run } = rig(gone('mine'));
    await expect(run(EXPIRED, { afterMs })).rejects.toMatchObject({ name: 'DependencyUnavailableError' });
    await expect(run(PASSED, { afterMs, replay: REPLAY })).rejects.toThrow('HOME_NOT_FOUND');
    expect(sent).toEqual([]);
  });

  it.each<[string, Run, LedgerAnswer]>([
    ['a replay', { replay: REPLAY }, gone('mine')],
    ['a reset run', { stamped: true, originalRunId: 'home' }, gone('mine')],
    ['a run beside others', {}, gone('mine', 'other')],
    ['a run between two that look like the home run', {}, { kind: 'UNKNOWN', doubt: 'HOME_AMBIGUOUS', runIds: ['mine', 'one', 'two'] }],
  ])('publishes nothing that could take a verdict back in %s, and says what to do', async (_name, asking, answer) => {
    const { sent, run, away } = rig(answer);
    await expect(run(EXPIRED, { ...asking, afterMs: HOUR_MS })).rejects.toMatchObject({
      type: 'HomeGone',
      nonRetryable: true,
      message: expect.stringContaining('ask for a new token'),
    });
    expect(sent).toEqual([]);
    expect(away.revisions).toEqual([]);
  });

  it('publishes the verdict that it knows, and leaves revision 1 alone: it may have been emitted', async () => {
    const { sent, run } = rig(gone('mine'));
    await run(PASSED, { replay: REPLAY });
    expect(sent).toMatchObject([{ outcome: 'PASSED', revision: 2, supersedes: `${ID}.r1` }]);
  });

  it('publishes the latest outcome that is still remembered instead of its own', async () => {
    const { sent, run, away } = rig(gone('mine', 'other'));
    const remembered = { ...PASSED, revision: 2, supersedes: `${ID}.r1` };
    away.outcomes.push({ event: remembered });
    await run(EXPIRED);
    expect(sent).toEqual([remembered]);
  });

  it('says that it does not know where no run came before it', async () => {
    const { sent, run } = rig(gone('mine'));
    await run(EXPIRED);
    expect(sent).toMatchObject([{ outcome: 'EXPIRED', revision: 2 }]);
  });
});
