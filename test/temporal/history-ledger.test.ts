import { describe, expect, it, vi } from 'vitest';
import { defined } from '../../src/domain/defined.ts';
import type { RunFacts } from '../../src/domain/ledger/ledger.ts';
import { createHistoryLedger } from '../../src/temporal/history/ledger.ts';
import type { HistorySource } from '../../src/temporal/history/source.ts';
import { unreadOutcome } from '../support/sample-outcome.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { inputAt, PENDING_READ } from '../support/verification-input.ts';

const { verificationId } = inputAt(0);
const WORKFLOW_ID = `fv-${verificationId}`;
const RULE = { maxReads: 3, maxRefusals: 5, countRefused: false };
const AT = '2026-01-05T10:00:00.000Z';

function run(changes: Partial<RunFacts> = {}): RunFacts {
  const read = { activityId: '1', scheduledAt: AT, end: { kind: 'COMPLETED', at: AT, report: PENDING_READ } } as const;
  return { runId: 'home', originalRunId: 'home', stamped: true, closed: true, reads: [read], ...changes };
}

type World = {
  readonly runs?: readonly RunFacts[];
  readonly listed?: readonly string[];
  readonly granted?: Readonly<Record<string, string>>;
};

/** Runs by workflow id and run id; `granted` maps the id of a grant to the run that made it. */
function ledgerOver({ runs = [], listed = runs.map(({ runId }) => runId), granted = {} }: World) {
  const source = {
    run: vi.fn<HistorySource['run']>(async (workflowId, runId) =>
      workflowId === WORKFLOW_ID ? runs.find((facts) => facts.runId === runId) : undefined,
    ),
    runIds: vi.fn<HistorySource['runIds']>(async () => listed),
    grant: vi.fn<HistorySource['grant']>(async (workflowId) => {
      const runId = granted[workflowId];
      return runId === undefined ? undefined : { takenAt: AT, by: { workflowId: WORKFLOW_ID, runId, activityId: '1' } };
    }),
  };
  return { source, ledger: createHistoryLedger({ source, logger: silentLogger, pause: async () => undefined }) };
}

const ask = { verificationId, rule: RULE };

describe('the home run', () => {
  it('is taken by its id without asking visibility', async () => {
    const { ledger, source } = ledgerOver({ runs: [run()] });
    await expect(ledger.consult({ ...ask, homeRunId: 'home' })).resolves.toMatchObject({
      kind: 'KNOWN',
      ledger: { counted: 1, free: [2, 3] },
    });
    expect(source.runIds).not.toHaveBeenCalled();
  });

  it.each<[string, World, string | undefined, object]>([
    ['is searched for if nobody names it', { runs: [run()] }, undefined, { kind: 'KNOWN' }],
    [
      'is not what a replay claims it to be',
      { runs: [run(), run({ runId: 'copy', originalRunId: 'copy', stamped: false })] },
      'copy',
      { ledger: { homeRunId: 'home' } },
    ],
    ['is never a reset run, stamped as it is', { runs: [run({ runId: 'reset' })] }, 'reset', { doubt: 'HOME_NOT_FOUND' }],
    ['is never a run started by hand', { runs: [run({ stamped: false })] }, undefined, { doubt: 'HOME_NOT_FOUND' }],
    ['is nobody if visibility knows none', { runs: [run()], listed: [] }, undefined, { doubt: 'HOME_NOT_FOUND' }],
    [
      'is nobody if two runs look like it',
      { runs: [run(), run({ runId: 'other', originalRunId: 'other' })] },
      undefined,
      { doubt: 'HOME_AMBIGUOUS' },
    ],
    ['must be over, else it might read on', { runs: [run({ closed: false })] }, 'home', { doubt: 'HOME_RUNNING' }],
  ])('%s', async (_name, world, homeRunId, expected) => {
    const { ledger } = ledgerOver(world);
    await expect(ledger.consult({ ...ask, ...defined({ homeRunId }) })).resolves.toMatchObject(expected);
  });

  it('is found once visibility has caught up', async () => {
    const { ledger, source } = ledgerOver({ runs: [run()] });
    source.runIds.mockResolvedValueOnce([]);
    await expect(ledger.consult(ask)).resolves.toMatchObject({ kind: 'KNOWN' });
  });

  it('that nobody finds leaves the runs that were looked at, for whoever asks whether there was one before it', async () => {
    const { ledger } = ledgerOver({ runs: [run({ runId: 'reset' }), run({ runId: 'by-hand', stamped: false })] });
    await expect(ledger.consult(ask)).resolves.toMatchObject({ doubt: 'HOME_NOT_FOUND', runIds: ['reset', 'by-hand'] });
  });

  it('is found as the oldest of many runs, a few histories at a time', async () => {
    const resets = Array.from({ length: 250 }, (_, index) => run({ runId: `reset-${index}` }));
    const { ledger, source } = ledgerOver({ runs: [...resets, run()] });
    let [now, most] = [0, 0];
    const read = source.run.getMockImplementation();
    source.run.mockImplementation(async (...place) => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      return await read?.(...place);
    });
    await expect(ledger.consult(ask)).resolves.toMatchObject({ ledger: { homeRunId: 'home' } });
    expect(most).toBeLessThanOrEqual(20);
  });
});

describe('granted reads', () => {
  it('are found beyond the home reads by their ids, with what became of them', async () => {
    const away = run({ runId: 'away', originalRunId: 'home' });
    const { ledger } = ledgerOver({
      runs: [run(), away],
      granted: { [`${WORKFLOW_ID}-read-2`]: 'away', [`${WORKFLOW_ID}-read-3`]: 'gone' },
    });
    await expect(ledger.consult({ ...ask, homeRunId: 'home' })).resolves.toMatchObject({
      ledger: { counted: 3, free: [], reads: [{}, { granted: 2, report: PENDING_READ }, { granted: 3, report: { kind: 'UNCERTAIN' } }] },
    });
  });
});

describe('a run whose terms were edited', () => {
  const refusal = {
    kind: 'VENDOR_ERROR',
    sentAt: AT,
    answeredAt: AT,
    error: 'AUTHENTICATION_ERROR',
    httpStatus: 403,
    vendorRequestIds: [],
  } as const;
  const refused = (activityId: string) => ({ activityId, scheduledAt: AT, end: { kind: 'COMPLETED', at: AT, report: refusal } }) as const;
  const home = run({ reads: ['1', '2', '3'].map(refused), terms: { ...RULE, deadlineAt: AT } });
  const world = { runs: [home, run({ runId: 'away', originalRunId: 'home' })], granted: { [`${WORKFLOW_ID}-read-1`]: 'away' } };

  it.each([
    ['counts refusals', { ...RULE, countRefused: true }],
    ['allows no refusal', { ...RULE, maxRefusals: 0 }],
    ['allows fewer reads', { ...RULE, maxReads: 0 }],
    ['allows more reads than anyone could look up', { ...RULE, maxReads: 1e9 }],
  ])('knows every granted read if it %s, and what is left by the terms of the home run', async (_name, rule) => {
    const { ledger, source } = ledgerOver(world);
    const answer = await ledger.consult({ verificationId, rule, homeRunId: 'home' });
    expect(answer).toMatchObject({ ledger: { free: [2, 3], reads: [{}, {}, {}, { granted: 1, report: PENDING_READ }] } });
    expect(source.grant.mock.calls.length).toBeLessThanOrEqual(3);
  });
});

describe('the stated limit', () => {
  it('a deleted grant is forgotten, and its number is free again', async () => {
    const away = run({ runId: 'away', originalRunId: 'home' });
    const { ledger, source } = ledgerOver({ runs: [run(), away], granted: { [`${WORKFLOW_ID}-read-2`]: 'away' } });
    const question = { ...ask, homeRunId: 'home' };
    await expect(ledger.consult(question)).resolves.toMatchObject({ ledger: { counted: 2, free: [3] } });
    source.grant.mockResolvedValue(undefined);
    await expect(ledger.consult(question)).resolves.toMatchObject({ ledger: { counted: 1, free: [2, 3] } });
  });
});

describe('doubt', () => {
  it('is the answer to every failure of the server, never an exception and never a free read', async () => {
    const { ledger, source } = ledgerOver({ runs: [run()] });
    source.run.mockRejectedValue(new Error('deadline'));
    await expect(ledger.consult({ ...ask, homeRunId: 'home' })).resolves.toEqual({ kind: 'UNKNOWN', doubt: 'SERVER_UNAVAILABLE' });
  });

  it('about a grant is doubt about all', async () => {
    const { ledger, source } = ledgerOver({ runs: [run()] });
    source.grant.mockRejectedValue(new Error('deadline'));
    await expect(ledger.consult({ ...ask, homeRunId: 'home' })).resolves.toMatchObject({ kind: 'UNKNOWN' });
  });

  it('about a granted outcome stops the emission', async () => {
    const { ledger } = ledgerOver({ granted: { [`${WORKFLOW_ID}-rev-2`]: 'away' } });
    await expect(ledger.revisions(verificationId, 2)).rejects.toThrow('not readable');
    await expect(ledger.revisions(verificationId, 3)).resolves.toEqual([]);
    // Number 1 may have been left out for a home run that nobody found: what comes after it still counts.
    await expect(ledger.revisions(verificationId, 1)).rejects.toThrow('not readable');
  });
});

describe('granted revisions', () => {
  it('tell the order that brought each about', async () => {
    const { ledger, source } = ledgerOver({});
    const event = unreadOutcome(inputAt(0));
    const by = { workflowId: WORKFLOW_ID, runId: 'away', activityId: '3' };
    const replay = { homeRunId: 'home', operator: 'jane', reason: 'stricter', requestedAt: AT };
    source.grant.mockImplementation(async (workflowId) => {
      if (workflowId === `${WORKFLOW_ID}-rev-2`) return { takenAt: AT, by: { ...by, replay }, event };
      return workflowId === `${WORKFLOW_ID}-rev-3` ? { takenAt: AT, by, event } : undefined;
    });
    await expect(ledger.revisions(verificationId, 2)).resolves.toEqual([{ event, replay }, { event }]);
  });
});
