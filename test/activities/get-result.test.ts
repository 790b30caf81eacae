import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import { REPORT_MARGIN_MS } from '../../activities/keep-evidence.ts';
import type { ReadGate, ReadRequest, ResultApi, TokenOpener } from '../../activities/ports.ts';
import { MAX_VENDOR_TIMEOUT_MS, RATE_LIMIT_MAX_WAIT_MS } from '../../src/config/timeouts.ts';
import type { GetResultOrder } from '../../src/contracts/workflow.ts';
import { defined } from '../../src/domain/defined.ts';
import type { SinceThen } from '../../src/domain/gate/gate.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { Scores } from '../../src/domain/judging/minimise.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { TokenKeyUnknownError } from '../../src/temporal/token-seal.ts';
import { NO_AWAY } from '../support/fake-ledger.ts';
import { spyEvents } from '../support/spy-events.ts';
import { until } from '../support/until.ts';
import { answer, inputAt, PASSED_READ, PENDING_READ, TEST_SEAL, UNCERTAIN_READ } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');
const TOKEN = 'token-1234567890';
const INPUT = inputAt(NOW_MS, { token: TOKEN, bizNo: 'order-7' });
const HOME = { workflowId: workflowIdOf(INPUT.verificationId), runId: 'home' };

function orderWith(overrides: Partial<GetResultOrder> = {}): GetResultOrder {
  return {
    v: 1,
    verificationId: INPUT.verificationId,
    sealedToken: INPUT.sealedToken,
    slot: 2,
    trigger: 'SCHEDULE',
    maxReads: 3,
    maxRefusals: 5,
    countRefused: false,
    countedReads: 1,
    deadlineAt: INPUT.deadlineAt,
    returnImage: 0,
    bizNo: 'order-7',
    originalRunId: 'home',
    stamped: true,
    ...overrides,
  };
}

function rig(
  options: { report?: ReadReport; api?: ResultApi; opener?: TokenOpener; gate?: ReadGate; scores?: Scores; now?: () => number } = {},
) {
  const queries: ReadRequest[] = [];
  const settled: string[] = [];
  const events = spyEvents();
  const resultApi: ResultApi = options.api ?? {
    async getResult(query) {
      queries.push(query);
      return options.report ?? PASSED_READ;
    },
  };
  const activities = createActivities({
    resultApi,
    ...NO_AWAY,
    ...defined({ gate: options.gate, scores: options.scores }),
    tokenOpener: options.opener ?? TEST_SEAL,
    outcomeSink: { publish: () => Promise.reject(new Error('not used')) },
    events,
    onIdle: (id) => settled.push(id),
    now: options.now ?? (() => NOW_MS),
  });
  return { activities, queries, settled, events };
}

function home(overrides: object = {}): MockActivityEnvironment {
  const at = { scheduledTimestampMs: 5, currentAttemptScheduledTimestampMs: 5 };
  return new MockActivityEnvironment({ inWorkflow: true, isLocal: false, attempt: 1, workflowExecution: HOME, ...at, ...overrides });
}

describe('getResult', () => {
  it('answers no figures that the history is not to keep', async () => {
    const answers = async (scores: Scores) => JSON.stringify(await home().run(rig({ scores }).activities.getResult, orderWith()));
    expect(await answers('full')).toBe(JSON.stringify(PASSED_READ));
    const none = await answers('none');
    expect(JSON.stringify(PASSED_READ)).toContain('"confidence"');
    expect(none).not.toMatch(/"confidence"|"scores"/);
    expect(none).toContain('"reached"');
  });

  it('opens the token and asks the vendor once, not after the deadline', async () => {
    const { activities, queries } = rig();
    await expect(home({ startToCloseTimeoutMs: 40_000 }).run(activities.getResult, orderWith())).resolves.toEqual(PASSED_READ);
    expect(queries).toEqual([
      {
        token: TOKEN,
        returnImage: 0,
        bizNo: 'order-7',
        notAfterMs: Date.parse(INPUT.deadlineAt),
        answerByMs: NOW_MS + 37_000,
        forbidden: expect.any(Function),
      },
    ]);
  });

  it('counts what the gate took from the time in which an answer must be there', async () => {
    let nowMs = NOW_MS;
    const gate: ReadGate = {
      async ask() {
        nowMs += 10_000;
        return { kind: 'OPEN', closedMeanwhile: () => undefined, ended: () => undefined };
      },
    };
    const { activities, queries } = rig({ gate, now: () => nowMs });
    await home({ startToCloseTimeoutMs: 40_000 }).run(activities.getResult, orderWith());
    expect(queries.map(({ answerByMs }) => answerByMs)).toEqual([NOW_MS + 37_000]);
  });

  it('leaves time for the longest turn and the longest request that settings allow', () => {
    expect(RATE_LIMIT_MAX_WAIT_MS + MAX_VENDOR_TIMEOUT_MS).toBeLessThan(40_000 - REPORT_MARGIN_MS);
  });

  it.each([
    ['REDISPATCHED', { attempt: 2 }, {}],
    ['REDISPATCHED', { currentAttemptScheduledTimestampMs: 6 }, {}],
    ['NOT_IN_WORKFLOW', { inWorkflow: false }, {}],
    ['NO_SLOT_LEFT', {}, { slot: 4 }],
  ])('sends nothing when the guard says %s', async (why, info, order) => {
    const { activities, queries, settled, events } = rig();
    const report = await home(info).run(activities.getResult, orderWith(order));
    expect(report).toEqual({ kind: 'WITHHELD', why, endedAt: '2026-01-05T10:00:00.000Z' });
    expect(queries).toEqual([]);
    expect(settled).toEqual([INPUT.verificationId]);
    expect(events.readWithheld).toHaveBeenCalledWith({ verificationId: INPUT.verificationId, slot: expect.any(Number), why });
  });

  it.each([
    ['the home run', {}],
    // Whose grant would be lost, because none is given back.
    ['any other run', { workflowExecution: { ...HOME, runId: 'away' } }],
  ])('while the gate is closed it opens no token, takes no grant and sends nothing, in %s', async (_name, info) => {
    const gate: SinceThen = { sinceAt: '2026-01-05T09:00:00.000Z', by: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' };
    const asked: object[] = [];
    const { activities, queries, settled, events } = rig({
      gate: { ask: (dispatch) => (asked.push(dispatch), { kind: 'CLOSED', gate }) },
      opener: {
        open: () => {
          throw new Error('must not be opened');
        },
      },
    });
    const report = await home({ ...info, taskQueue: 'q-reads' }).run(activities.getResult, orderWith());
    expect(report).toEqual({ kind: 'UNSENT', cause: 'GATE_CLOSED', endedAt: '2026-01-05T10:00:00.000Z', gate });
    expect([queries, asked]).toEqual([[], [{ taskQueue: 'q-reads', verificationId: INPUT.verificationId }]]);
    expect(settled).toEqual([INPUT.verificationId]);
    expect(events.readEnded).toHaveBeenCalledWith(expect.objectContaining({ kind: 'UNSENT', code: 'GATE_CLOSED' }));
    expect(events.readBroke).not.toHaveBeenCalled();
  });

  it('hands what may close meanwhile to the client, and what became of the read to the gate', async () => {
    const ended: (ReadReport | undefined)[] = [];
    const closedMeanwhile = (): undefined => undefined;
    const { activities, queries } = rig({
      gate: { ask: () => ({ kind: 'OPEN', closedMeanwhile, ended: (report) => void ended.push(report) }) },
    });
    await home().run(activities.getResult, orderWith());
    expect(queries[0]?.forbidden).toBe(closedMeanwhile);
    expect(ended).toEqual([PASSED_READ]);
  });

  it('takes a token that no key opens for an unsent read', async () => {
    const opener = {
      open: () => {
        throw new TokenKeyUnknownError('old');
      },
    };
    const { activities, queries, events } = rig({ opener });
    const report = await home().run(activities.getResult, orderWith());
    expect(report).toMatchObject({ kind: 'UNSENT', cause: 'TOKEN_KEY_UNKNOWN' });
    expect(queries).toEqual([]);
    expect(events.readBroke).toHaveBeenCalledWith(expect.objectContaining({ stage: 'OPEN_TOKEN', errorName: 'TokenKeyUnknownError' }));
  });

  it('does not open a token that was moved to another verification', async () => {
    const { activities, queries } = rig();
    const other = inputAt(NOW_MS);
    const stolen = orderWith({ verificationId: other.verificationId });
    const report = await home({
      workflowExecution: { workflowId: workflowIdOf(other.verificationId), runId: 'home' },
    }).run(activities.getResult, stolen);
    expect(report).toMatchObject({ kind: 'UNSENT' });
    expect(queries).toEqual([]);
  });

  it('never throws: a defect in the client counts as a read of unknown effect', async () => {
    const api = { getResult: () => Promise.reject(new TypeError(`cannot read ${TOKEN}`)) };
    const { activities, events } = rig({ api });
    const report = await home().run(activities.getResult, orderWith());
    expect(report).toMatchObject({ kind: 'UNCERTAIN', cause: 'WORKER_LOST' });
    expect(JSON.stringify([report, vi.mocked(events.readBroke).mock.calls])).not.toContain(TOKEN);
  });

  it('keeps a read running through a cancellation', async () => {
    let answer: ((report: ReadReport) => void) | undefined;
    const api = { getResult: () => new Promise<ReadReport>((resolve) => (answer = resolve)) };
    const environment = home();
    const running = environment.run(rig({ api }).activities.getResult, orderWith());
    await until(() => answer, { timeoutMs: 5_000, what: 'the vendor is asked' });
    environment.cancel('WORKER_SHUTDOWN');
    answer?.(PASSED_READ);
    await expect(running).resolves.toEqual(PASSED_READ);
  });

  it.each([
    ['pending', PENDING_READ, true],
    ['of unknown effect', UNCERTAIN_READ, true],
    ['of a status that nobody knows', answer({ status: 'UNKNOWN' }), true],
    ['interrupted', answer({ status: 'CANCELLED' }), false],
    ['final, its outcome still to be emitted', PASSED_READ, false],
    ['failed', answer({ status: 'FAILED' }), false],
  ])('releases admission after a read that was %s: %s', async (_name, report, released) => {
    const { activities, settled } = rig({ report });
    await home().run(activities.getResult, orderWith());
    expect(settled.length === 1).toBe(released);
  });
});
