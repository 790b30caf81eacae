import { TimeoutFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, PASSED_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

describe('lost workers', () => {
  const server = useVirtualServer();

  it('a read that no worker took gives its slot back', async () => {
    const { result, orders } = await runScenario(server(), {
      withoutActivities: true,
      reads: [PASSED_READ],
      during: async ({ server: clock, startActivities, handle }) => {
        await clock.advance(6 * MINUTE_MS);
        expect(await handle.query('state')).toMatchObject({ readsSpent: 0 });
        await startActivities();
      },
    });
    expect(orders.map(({ slot }) => slot)).toEqual([1]);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1, callsUncertain: 0 } });
  });

  it('a read lost with its worker counts as spent', async () => {
    const { result, orders } = await runScenario(server(), {
      reads: (_order, number) => {
        if (number === 1) throw new TimeoutFailure('worker gone', undefined, 'START_TO_CLOSE');
        return PASSED_READ;
      },
    });
    expect(orders.map(({ slot }) => slot)).toEqual([1, 2]);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 2, callsUncertain: 1 } });
  });

  it('a failure that nobody foresaw counts as spent too', async () => {
    const { result } = await runScenario(server(), {
      reads: (_order, number) => {
        if (number === 1) throw new TypeError('a defect');
        return PASSED_READ;
      },
    });
    expect(result.outcome.retrieval).toMatchObject({ callsUsed: 2, callsUncertain: 1 });
  });

  it('no worker until after the deadline: the outcome is the right one', async () => {
    const { result, orders } = await runScenario(server(), {
      withoutActivities: true,
      reads: [PASSED_READ],
      during: async ({ server: clock, startActivities }) => {
        await clock.advance(30 * HOUR_MS);
        await startActivities();
      },
    });
    expect(orders).toEqual([]);
    expect(result.outcome).toMatchObject({ retrieval: { callsUsed: 0 } });
    expect(['EXPIRED', 'ERROR']).toContain(result.outcome.outcome);
  });
});
