import { describe, expect, it } from 'vitest';
import { STATE_QUERY, type VerificationView } from '../../src/contracts/workflow.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { eventTypes, labels } from '../support/history.ts';
import { PASSED_READ, PLAIN_POLICY } from '../support/verification-input.ts';
import { throughout, until } from '../support/until.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario, type Scenario, type Stage } from '../support/workflow-rig.ts';

const CLOSED: ReadReport = {
  kind: 'UNSENT',
  cause: 'GATE_CLOSED',
  endedAt: '2026-01-15T12:00:00.000Z',
  gate: { sinceAt: '2026-01-15T11:00:00.000Z', by: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' },
};
const HELD = /^held by the gate since .*11:00 UTC, by jane \(INC-7\), because the vendor asks to stop$/;

const viewOf = async ({ handle }: Stage): Promise<VerificationView> => await handle.query<VerificationView>(STATE_QUERY);
const isParked = async (stage: Stage): Promise<void> => {
  await until(async () => (await viewOf(stage)).stage === 'HELD', { timeoutMs: 10_000, what: 'it is parked' });
};

// The virtual clock stands still while a read is scheduled.
describe('a read that the gate holds', () => {
  const server = useVirtualServer();
  const scenario: Scenario = { input: { policy: PLAIN_POLICY }, reads: (_order, number) => (number === 1 ? CLOSED : PASSED_READ) };

  it('waits on a queue of its own without an event, tells why, and reads once it is let go', async () => {
    const { history, result, orders } = await runScenario(server(), {
      ...scenario,
      during: async (stage) => {
        await isParked(stage);
        expect(await viewOf(stage)).toMatchObject({ stage: 'HELD', readsCounted: 0, waitingFor: expect.stringMatching(HELD) });
        const count = async (): Promise<number> => eventTypes(await stage.handle.fetchHistory()).length;
        const before = await count();
        await throughout(async () => (await count()) === before, { forMs: 1_000, everyMs: 250, what: 'it leaves no event' });
        await stage.startReads();
      },
    });
    expect(labels(history).slice(1)).toEqual([
      'read 1 of 3',
      expect.stringMatching(/^read 1 of 3, held by the gate since /),
      'emit PASSED to Kafka',
    ]);
    expect(orders.map(({ slot, countedReads }) => [slot, countedReads])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
  });

  it('and that is held until the deadline has its outcome, and counts no read', async () => {
    const policy = { ...PLAIN_POLICY, windowMs: 3_000, plan: PLAIN_POLICY.plan.slice(0, 1) };
    const during = async ({ untilEvent }: Stage): Promise<void> => void (await untilEvent('activityTaskTimedOut'));
    const { result } = await runScenario(server(), { ...scenario, input: { policy }, during });
    expect(result.outcome).toMatchObject({ outcome: 'EXPIRED', retrieval: { callsUsed: 0 } });
    expect(result.outcome.reasons.map(({ code }) => code)).toEqual(['GATE_CLOSED', 'WINDOW_PASSED']);
  });

  it('leaves the queue when its verification is cancelled, and has read nothing', async () => {
    const { result, history } = await runScenario(server(), {
      ...scenario,
      during: async (stage) => {
        await isParked(stage);
        await stage.handle.cancel();
      },
    });
    expect(eventTypes(history)).toContain('activityTaskCanceled');
    expect(result.outcome).toMatchObject({ outcome: 'ERROR', retrieval: { callsUsed: 0 } });
    expect(result.outcome.reasons[0]?.code).toBe('CANCELLED_BY_OPERATOR');
  });

  it('is finished if a worker has it already when its verification is cancelled: it is paid for', async () => {
    const { result } = await runScenario(server(), {
      input: { policy: PLAIN_POLICY },
      reads: async (_order, number, stage) => {
        if (number === 1) return CLOSED;
        await stage.handle.cancel();
        await stage.untilEvent('activityTaskCancelRequested');
        return PASSED_READ;
      },
      during: async (stage) => {
        await isParked(stage);
        await stage.startReads();
      },
    });
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
  });
});
