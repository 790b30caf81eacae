import { TimeoutFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { eventTypes } from '../support/history.ts';
import { PASSED_READ, PLAIN_POLICY } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

// The virtual clock stands still while a read is scheduled: the server's own time-outs take their real time here.
describe('lost workers', () => {
  const server = useVirtualServer();

  it.each([
    ['nobody foresaw', new TypeError('a defect')],
    ['calls itself a proof of an unsent read', new TimeoutFailure('nobody there', undefined, 'SCHEDULE_TO_START')],
  ])('a failure that %s counts as a read', async (_name, failure) => {
    const { result, orders } = await runScenario(server(), {
      reads: (_order, number) => {
        if (number === 1) throw failure;
        return PASSED_READ;
      },
    });
    expect(orders.map(({ slot }) => slot)).toEqual([1, 2]);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 2, callsUncertain: 1 } });
  });

  it('a read that no worker took by the deadline gives its slot back, and the outcome is the right one', async () => {
    const { result, orders, history } = await runScenario(server(), {
      withoutActivities: true,
      reads: [PASSED_READ],
      input: { policy: { ...PLAIN_POLICY, windowMs: 3_000, plan: PLAIN_POLICY.plan.slice(0, 1) } },
      during: async ({ handle, startActivities, untilEvent }) => {
        await untilEvent('activityTaskTimedOut');
        expect(await handle.query('state')).toMatchObject({ readsCounted: 0 });
        await startActivities();
      },
    });
    expect(orders).toEqual([]);
    expect(eventTypes(history)).toContain('activityTaskTimedOut');
    expect(result.outcome.retrieval).toMatchObject({ callsUsed: 0, callsUncertain: 0 });
    expect(result.outcome).toMatchObject({ outcome: 'EXPIRED', reasons: [{ code: 'WINDOW_PASSED' }] });
  });
});
