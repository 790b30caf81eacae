import { describe, expect, it } from 'vitest';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { readTimesMs } from '../support/history.ts';
import { HOUR_MS, MINUTE_MS, PASSED_READ, PATIENT_POLICY, PENDING_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario, type Scenario } from '../support/workflow-rig.ts';

const REPLAY = { homeRunId: 'home', operator: 'jane', reason: 'outage', requestedAt: '2026-01-15T12:00:00.000Z' };
const BEFORE = '2026-01-15T11:00:00.000Z';
const SINCE = '2026-01-15T12:00:01.000Z';

const LOST: ReadReport = { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt: SINCE };

/** The first worker is lost; then the ledger answers, then the vendor. */
function lostThen(reads: RecoveredReads['reads'], input: Scenario['input'] = { replay: REPLAY }): Scenario {
  return {
    input: { policy: PATIENT_POLICY, ...input },
    reads: (_order, number) => {
      if (number === 1) throw new Error('the worker is lost');
      return number === 2 ? { kind: 'RECOVERED', reads } : PASSED_READ;
    },
  };
}

describe('a replay whose first worker is lost', () => {
  const server = useVirtualServer();

  it('asks the ledger again at once, and emits what was known all along', async () => {
    const { result, orders, history, startedAtMs } = await runScenario(server(), lostThen([{ scheduledAt: BEFORE, report: PASSED_READ }]));
    expect(orders.map(({ unconfirmedReads }) => unconfirmedReads)).toEqual([undefined, 1]);
    const [, againMs = Number.NaN] = readTimesMs(history, startedAtMs);
    expect(againMs).toBeLessThan(MINUTE_MS);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1, callsUncertain: 0 } });
  });

  it('makes its first read at once if that was never granted', async () => {
    const { orders, history, startedAtMs } = await runScenario(server(), lostThen([{ scheduledAt: BEFORE, report: PENDING_READ }]));
    expect(orders.at(-1)).toMatchObject({ slot: 2, trigger: 'OPERATOR', countedReads: 1, answeredReads: 1 });
    expect(readTimesMs(history, startedAtMs).at(-1)).toBeLessThan(MINUTE_MS);
  });

  it('goes on by plan if that was granted, because it may have been sent', async () => {
    const { orders, history, startedAtMs } = await runScenario(server(), lostThen([{ scheduledAt: SINCE, report: LOST, granted: 1 }]));
    expect(orders.at(-1)).toMatchObject({ slot: 2, trigger: 'SCHEDULE', countedReads: 1 });
    expect(orders.at(-1)).not.toHaveProperty('unconfirmedReads');
    expect(readTimesMs(history, startedAtMs).at(-1)).toBeGreaterThan(5 * MINUTE_MS);
  });

  it('is the only one to do so: every other run goes on by plan', async () => {
    const { orders, history, startedAtMs } = await runScenario(server(), lostThen([], {}));
    expect(orders.some((order) => 'unconfirmedReads' in order)).toBe(false);
    const [firstMs = Number.NaN, againMs = Number.NaN] = readTimesMs(history, startedAtMs);
    expect(againMs - firstMs).toBeGreaterThan(HOUR_MS);
  });
});
