import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import { HOME_GONE } from '../../src/contracts/workflow.ts';
import { type RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { labels, readTimesMs } from '../support/history.ts';
import { DAY_MS, HOUR_MS, PASSED_READ, PENDING_READ, UNCERTAIN_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario, type VerificationHandle } from '../support/workflow-rig.ts';

const bundle = () => ({ workflowBundle: { codePath: inject('workflowBundlePath') } });
const EARLIER = '2026-01-05T10:00:00.000Z';

function recovered(...reports: readonly ReadReport[]): RecoveredReads {
  return { kind: 'RECOVERED', reads: reports.map((report) => ({ scheduledAt: EARLIER, endedAt: EARLIER, report })) };
}

const server = useVirtualServer();

describe('a run that learns of earlier reads', () => {
  it('settles a recovered verdict without another read', async () => {
    const { result, orders } = await runScenario(server(), { reads: [recovered(PENDING_READ, PASSED_READ)] });
    expect(orders).toHaveLength(1);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 2, callsUncertain: 0 } });
  });

  it('spends only what the recovered reads left', async () => {
    const { result, orders } = await runScenario(server(), {
      reads: (_order, number) => (number === 1 ? recovered(UNCERTAIN_READ, PENDING_READ) : PENDING_READ),
    });
    expect(orders.map(({ countedReads }) => countedReads)).toEqual([0, 2]);
    expect(result.outcome).toMatchObject({ outcome: 'EXPIRED', retrieval: { callsUsed: 3 } });
  });

  it('past its deadline turns EXPIRED into the verdict the ledger holds, before anything is emitted', async () => {
    const { result, emissions, orders } = await runScenario(server(), {
      reads: [PASSED_READ],
      input: { ageMs: 25 * HOUR_MS },
      emit: async (_order, number) => (number === 1 ? recovered(PASSED_READ) : { topic: 'outcomes', partition: 0, offset: '1' }),
    });
    expect(orders).toEqual([]);
    expect(emissions.map(({ event, countedReads }) => [event.outcome, countedReads])).toEqual([
      ['EXPIRED', 0],
      ['PASSED', 1],
    ]);
    expect(result.outcome.outcome).toBe('PASSED');
  });

  it('goes on reading if the ledger withdraws an ending', async () => {
    const { result, history, emissions } = await runScenario(server(), {
      reads: (_order, number) =>
        number === 1 ? { kind: 'WITHHELD', why: 'LEDGER_UNKNOWN', doubt: 'HOME_NOT_FOUND', endedAt: EARLIER } : PASSED_READ,
      emit: async (_order, number) => (number === 1 ? recovered(PENDING_READ) : { topic: 'outcomes', partition: 0, offset: '1' }),
    });
    expect(emissions.map(({ event }) => event.reasons[0]?.code)).toEqual(['READ_WITHHELD', undefined]);
    expect(result.outcome.outcome).toBe('PASSED');
    expect(labels(history)).toContain('read 2 of 3');
  });

  it('pauses before it tries again where the ledger strikes a read off, so that one that always fails fills no history', async () => {
    const { history, emissions, startedAtMs } = await runScenario(server(), {
      reads: () => {
        throw new Error('no read is ever made');
      },
      input: { ageMs: DAY_MS - HOUR_MS },
      emit: async ({ countedReads }) =>
        countedReads > 2 ? recovered(PENDING_READ, PENDING_READ) : { topic: 'outcomes', partition: 0, offset: '1' },
    });
    expect(emissions.length).toBeLessThan(15);
    expect(labels(history)).toContainEqual(
      expect.stringMatching(/^pausing after a read that was lost before it was made, next read \d\d:/),
    );
    expect(readTimesMs(history, startedAtMs).at(-1)).toBeGreaterThan(HOUR_MS / 2);
  });

  it.each(['SERVER_UNAVAILABLE', 'GRANT_UNCONFIRMED'] as const)(
    'asks again when the ledger says %s, and spends nothing by it',
    async (doubt) => {
      const { result, history, orders } = await runScenario(server(), {
        reads: (_order, number) => (number < 3 ? { kind: 'WITHHELD', why: 'LEDGER_UNKNOWN', doubt, endedAt: EARLIER } : PASSED_READ),
      });
      expect(orders.map(({ slot }) => slot)).toEqual([1, 1, 1]);
      expect(labels(history)).toContainEqual(expect.stringMatching(/^Temporal cannot say which reads were made, next read \d\d:\d\d:\d\d/));
      expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
    },
  );

  it('ends as READ_WITHHELD when it is cancelled, or its window ends, while nobody can say which reads were made', async () => {
    const withheld = { kind: 'WITHHELD', why: 'LEDGER_UNKNOWN', doubt: 'SERVER_UNAVAILABLE', endedAt: EARLIER } as const;
    const late = await runScenario(server(), { reads: [withheld], input: { ageMs: DAY_MS - 100_000 } });
    expect(late.orders.length).toBeGreaterThan(1);
    const cancelled = await runScenario(server(), {
      reads: [withheld],
      during: async ({ handle, untilEvent }) => {
        await untilEvent('timerStarted');
        await handle.cancel();
      },
    });
    expect(cancelled.orders).toHaveLength(1);
    for (const { result } of [late, cancelled]) expect(result.outcome.reasons[0]?.code).toBe('READ_WITHHELD');
  });

  it('returns the event that was really emitted, and keeps it out of the receipt', async () => {
    const { result } = await runScenario(server(), {
      reads: [PASSED_READ],
      emit: async ({ event }) => ({ topic: 'outcomes', partition: 0, offset: '7', event: { ...event, revision: 2, supersedes: 'x.r1' } }),
    });
    expect(result.outcome).toMatchObject({ revision: 2, supersedes: 'x.r1' });
    expect(result.emission).toEqual({ topic: 'outcomes', partition: 0, offset: '7' });
  });

  it('names the operator whose replay it is', async () => {
    const replay = { homeRunId: 'h', operator: 'jane', reason: 'outage', requestedAt: EARLIER };
    const { result, orders } = await runScenario(server(), { reads: [PASSED_READ], input: { replay } });
    expect(orders[0]?.replay).toEqual(replay);
    expect(result.outcome.actor).toEqual({ type: 'OPERATOR', id: 'jane', justification: 'outage' });
  });
});

describe('a run that must not publish what it concluded', () => {
  it('fails at once and visibly, with what to do, and shows no outcome', async () => {
    const handles: VerificationHandle[] = [];
    const running = runScenario(server(), {
      reads: [PASSED_READ],
      input: { ageMs: 25 * HOUR_MS },
      during: async ({ handle }) => void handles.push(handle),
      emit: async (_order, number) => {
        if (number === 1) throw ApplicationFailure.nonRetryable('ask for a new token', HOME_GONE);
        return { topic: 'outcomes', partition: 0, offset: '1' };
      },
    });
    await expect(running).rejects.toMatchObject({ cause: { type: HOME_GONE, message: 'ask for a new token' } });
    const [handle] = handles;
    const { status, searchAttributes } = (await handle?.describe()) ?? {};
    expect(status?.name).toBe('FAILED');
    // The test server keeps an attribute that was taken away as null.
    const shown: unknown[] = [searchAttributes?.['VfOutcome'], searchAttributes?.['VfReason']].flat();
    expect(shown.filter((value) => value !== undefined && value !== null)).toEqual([]);
    await Worker.runReplayHistory(bundle(), (await handle?.fetchHistory()) ?? {});
  });
});
