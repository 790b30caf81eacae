import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { eventTypes, labels } from '../support/history.ts';
import { MINUTE_MS, PASSED_READ, PATIENT_POLICY } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

describe('cancelling', () => {
  const server = useVirtualServer();

  it('still emits the outcome of a waiting verification, and completes', async () => {
    const { result, emissions, orders, history } = await runScenario(server(), {
      reads: [PASSED_READ],
      input: { policy: PATIENT_POLICY },
      during: async ({ handle, server: clock }) => {
        await clock.advance(MINUTE_MS);
        await handle.cancel();
      },
    });
    expect(orders).toEqual([]);
    expect(emissions).toHaveLength(1);
    expect(result.outcome.reasons[0]?.code).toBe('CANCELLED_BY_OPERATOR');
    expect(eventTypes(history).at(-1)).toBe('workflowExecutionCompleted');
  });

  it('does not lose a read that is in flight: its answer decides', async () => {
    const { result } = await runScenario(server(), {
      reads: async (_order, _number, { handle }) => {
        await handle.cancel();
        return PASSED_READ;
      },
    });
    expect(result.outcome.outcome).toBe('PASSED');
  });

  it('does not stop an emission that has to be repeated, byte for byte', async () => {
    const { result, emissions } = await runScenario(server(), {
      reads: [PASSED_READ],
      emit: async (_order, number, { handle }) => {
        if (number === 1) await handle.cancel();
        if (number < 3) throw new Error('brokers away');
        return { topic: 'outcomes', partition: 1, offset: '7' };
      },
    });
    expect(emissions).toHaveLength(3);
    expect(new Set(emissions.map((order) => JSON.stringify(order))).size).toBe(1);
    expect(result.emission.offset).toBe('7');
  });

  it('emits the same bytes again after an operator has limited the attempts or failed the emission by hand', async () => {
    const { result, emissions, history } = await runScenario(server(), {
      reads: [PASSED_READ],
      emit: async (_order, number) => {
        if (number < 3) throw ApplicationFailure.nonRetryable('by hand');
        return await Promise.resolve({ topic: 'outcomes', partition: 1, offset: '7' });
      },
    });
    expect(emissions).toHaveLength(3);
    expect(new Set(emissions.map((order) => JSON.stringify(order))).size).toBe(1);
    expect(labels(history)).toContainEqual(expect.stringMatching(/^the emission was stopped by hand, sent again \d\d:\d\d:\d\d/));
    expect(result.emission.offset).toBe('7');
  });
});
