import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { ResultApi } from '../../activities/ports.ts';
import type { GetResultOrder } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { Scores } from '../../src/domain/judging/minimise.ts';
import type { Ledger, LedgerAnswer } from '../../src/domain/ledger/ledger.ts';
import { fakeAway } from '../support/fake-ledger.ts';
import { spyEvents } from '../support/spy-events.ts';
import { inputAt, PASSED_READ, PENDING_READ, TEST_SEAL } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');
const INPUT = inputAt(NOW_MS, { token: 'token-1234567890' });
const TERMS = { maxReads: 3, maxRefusals: 5, countRefused: false, deadlineAt: INPUT.deadlineAt };
const ONE_READ = { scheduledAt: INPUT.admittedAt, report: PENDING_READ };

function known(changes: Partial<Ledger> = {}): LedgerAnswer {
  return {
    kind: 'KNOWN',
    ledger: { homeRunId: 'home', terms: TERMS, reads: [ONE_READ], counted: 1, answered: 1, free: [2, 3], ...changes },
  };
}

function orderWith(overrides: Partial<GetResultOrder> = {}): GetResultOrder {
  const { verificationId, sealedToken } = INPUT;
  const asking = { ...TERMS, originalRunId: 'home', stamped: true, countedReads: 1 };
  return { v: 1, verificationId, sealedToken, slot: 2, trigger: 'SCHEDULE', returnImage: 0, ...asking, ...overrides };
}

function rig(away: ReturnType<typeof fakeAway>, opener = TEST_SEAL, options: { now?: () => number; scores?: Scores } = {}) {
  const getResult = vi.fn<ResultApi['getResult']>().mockResolvedValue(PASSED_READ);
  const events = spyEvents();
  const { ledger, grants } = away;
  const outcomeSink = { publish: () => Promise.reject(new Error('not used')) };
  const activities = createActivities({
    resultApi: { getResult },
    tokenOpener: opener,
    outcomeSink,
    ledger,
    grants,
    events,
    now: () => NOW_MS,
    ...options,
  });
  const run = (order = orderWith(), info: object = {}) =>
    new MockActivityEnvironment({
      inWorkflow: true,
      isLocal: false,
      attempt: 1,
      activityId: '7',
      startToCloseTimeoutMs: 40_000,
      workflowExecution: { workflowId: workflowIdOf(INPUT.verificationId), runId: 'away' },
      scheduledTimestampMs: 5,
      currentAttemptScheduledTimestampMs: 5,
      ...info,
    }).run(activities.getResult, order);
  return { run, getResult, events };
}

describe('getResult in a run that is not the home run', () => {
  it('takes the grant of the next read in its own name, then reads once', async () => {
    const away = fakeAway([known()]);
    const { run, getResult } = rig(away);
    await expect(run()).resolves.toEqual({ ...PASSED_READ, granted: 2 });
    expect(getResult).toHaveBeenCalledOnce();
    const by = { workflowId: workflowIdOf(INPUT.verificationId), runId: 'away', activityId: '7' };
    expect(away.reads).toEqual([{ v: 1, verificationId: INPUT.verificationId, read: 2, maxReads: 3, grantedTo: by }]);
  });

  it('answers what the ledger knows more, without a grant or a read', async () => {
    const away = fakeAway([known()]);
    const { run, getResult, events } = rig(away);
    await expect(run(orderWith({ countedReads: 0, slot: 1 }))).resolves.toEqual({ kind: 'RECOVERED', reads: [ONE_READ] });
    expect(getResult).not.toHaveBeenCalled();
    expect(away.grants.grantRead).not.toHaveBeenCalled();
    expect(events.readsRecovered).toHaveBeenCalledWith({ verificationId: INPUT.verificationId, reads: 1 });
  });

  it('hands on reads that another run made with all their figures, or the same conclusion would look like another one', async () => {
    const passed = { ...ONE_READ, report: PASSED_READ };
    const { run } = rig(fakeAway([known({ reads: [passed] })]), TEST_SEAL, { scores: 'none' });
    await expect(run(orderWith({ countedReads: 0, slot: 1 }))).resolves.toEqual({ kind: 'RECOVERED', reads: [passed] });
  });

  it.each<[string, LedgerAnswer, object]>([
    ['nothing is left', known({ free: [] }), { why: 'NO_SLOT_LEFT' }],
    [
      'the server does not answer',
      { kind: 'UNKNOWN', doubt: 'SERVER_UNAVAILABLE' },
      { why: 'LEDGER_UNKNOWN', doubt: 'SERVER_UNAVAILABLE' },
    ],
    ['nobody finds the home run', { kind: 'UNKNOWN', doubt: 'HOME_NOT_FOUND' }, { why: 'LEDGER_UNKNOWN', doubt: 'HOME_NOT_FOUND' }],
    ['the home run might still read', { kind: 'UNKNOWN', doubt: 'HOME_RUNNING' }, { why: 'LEDGER_UNKNOWN', doubt: 'HOME_RUNNING' }],
  ])('sends nothing and says why when %s', async (_name, answer, refusal) => {
    const { run, getResult, events } = rig(fakeAway([answer]));
    await expect(run()).resolves.toEqual({ kind: 'WITHHELD', ...refusal, endedAt: '2026-01-05T10:00:00.000Z' });
    expect(getResult).not.toHaveBeenCalled();
    expect(events.readWithheld).toHaveBeenCalledWith({ verificationId: INPUT.verificationId, slot: 2, ...refusal });
  });

  it('sends nothing when nobody can say whether the grant was made', async () => {
    const away = fakeAway([known()]);
    away.grants.grantRead.mockRejectedValue(new Error('deadline'));
    const { run, getResult } = rig(away);
    await expect(run()).resolves.toMatchObject({ kind: 'WITHHELD', why: 'LEDGER_UNKNOWN', doubt: 'GRANT_UNCONFIRMED' });
    expect(getResult).not.toHaveBeenCalled();
  });

  it('learns of the read of whoever was faster', async () => {
    const faster = known({ reads: [ONE_READ, { ...ONE_READ, granted: 2 }], counted: 2, free: [3] });
    const { run, getResult } = rig(fakeAway([known(), faster], { takenReads: [2] }));
    await expect(run()).resolves.toMatchObject({ kind: 'RECOVERED', reads: [{}, { granted: 2 }] });
    expect(getResult).not.toHaveBeenCalled();
  });

  it('grants one of two that ask at once', async () => {
    const away = fakeAway([known()]);
    const { run, getResult } = rig(away);
    const reports: unknown[] = await Promise.all([run(), run()]);
    expect(getResult).toHaveBeenCalledOnce();
    expect(reports).toContainEqual(expect.objectContaining({ kind: 'WITHHELD' }));
  });

  it('takes no grant for a token that it cannot open', async () => {
    const away = fakeAway([known()]);
    const opener = {
      ...TEST_SEAL,
      open: () => {
        throw new Error('no key');
      },
    };
    const { run, events } = rig(away, opener);
    await expect(run()).resolves.toMatchObject({ kind: 'UNSENT', cause: 'TOKEN_KEY_UNKNOWN' });
    expect(away.reads).toEqual([]);
    expect(events.readEnded).toHaveBeenCalledWith(expect.objectContaining({ kind: 'UNSENT', code: 'TOKEN_KEY_UNKNOWN' }));
  });

  it.each([
    [0, true],
    [12_000, true],
    [12_001, false],
    [60_000, false],
  ])('whose gate and ledger took %i ms, takes a grant only if its answer can be there in time: %s', async (tookMs, reads) => {
    const away = fakeAway([known()]);
    const instants = [NOW_MS];
    const { run, getResult } = rig(away, TEST_SEAL, { now: () => instants.shift() ?? NOW_MS + tookMs });
    const unsent = { kind: 'UNSENT', cause: 'OUT_OF_TIME', endedAt: new Date(NOW_MS + tookMs).toISOString() };
    await expect(run()).resolves.toEqual(reads ? { ...PASSED_READ, granted: 2 } : unsent);
    expect(getResult).toHaveBeenCalledTimes(Number(reads));
    expect(away.reads).toHaveLength(Number(reads));
  });

  it('opens the token once, before it takes the grant', async () => {
    const opener = { ...TEST_SEAL, open: vi.fn(TEST_SEAL.open) };
    await expect(rig(fakeAway([known()]), opener).run()).resolves.toMatchObject(PASSED_READ);
    expect(opener.open).toHaveBeenCalledOnce();
  });

  it.each([
    ['a reset run names its original', {}, {}, 'home'],
    [
      'a replay names what it was told',
      { stamped: false, replay: { homeRunId: 'told', operator: 'o', reason: 'r', requestedAt: '' } },
      {},
      'told',
    ],
    ['a start by hand names none', { stamped: false }, {}, undefined],
    ['a copy under another id names none', {}, { workflowExecution: { workflowId: 'copy', runId: 'home' } }, undefined],
  ])('%s', async (_name, order, info, homeRunId) => {
    const away = fakeAway([known()]);
    await rig(away).run(orderWith(order), info);
    expect(away.ledger.consult.mock.calls[0]?.[0].homeRunId).toBe(homeRunId);
  });
});
