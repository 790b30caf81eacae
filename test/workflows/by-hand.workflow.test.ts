import { describe, expect, it } from 'vitest';
import type { Emitted } from '../../src/contracts/workflow.ts';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { PASSED_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

describe('an activity that somebody completes by hand', () => {
  const server = useVirtualServer();

  it.each([
    'null',
    '5',
    '"PASSED"',
    '{}',
    '{"kind":"ANSWER"}',
    '{"kind":"ANSWER","sentAt":"2026-01-15T12:00:00Z","answeredAt":"2026-01-15T12:00:00Z","answer":{"status":"OK"}}',
    '{"kind":"RECOVERED","reads":[{}]}',
    '{"kind":"UNSENT","cause":"CONNECT_FAILED"}',
  ])('a read answered with %s counts as a read of unknown effect, and the verification goes on', async (text) => {
    const byHand: ReadReport | RecoveredReads = JSON.parse(text);
    const { result, orders } = await runScenario(server(), { reads: [byHand, PASSED_READ] });
    expect(orders.map(({ slot }) => slot)).toEqual([1, 2]);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 2, callsUncertain: 1 } });
  });

  it.each(['null', '{}', '"sent"', '{"topic":"outcomes"}'])(
    'an emission answered with %s is no emission: the same bytes are sent',
    async (text) => {
      const byHand: Emitted = JSON.parse(text);
      const { result, emissions } = await runScenario(server(), {
        reads: [PASSED_READ],
        emit: async (_order, number) => await Promise.resolve(number === 1 ? byHand : { topic: 'outcomes', partition: 1, offset: '7' }),
      });
      expect(emissions).toHaveLength(2);
      expect(new Set(emissions.map((order) => JSON.stringify(order))).size).toBe(1);
      expect(result.emission.offset).toBe('7');
    },
  );
});
