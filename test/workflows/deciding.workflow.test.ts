import { describe, expect, it } from 'vitest';
import type { RecoveredReads, ReplayOrder } from '../../src/domain/ledger/asking-run.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { eventTypes, labels } from '../support/history.ts';
import { answer, HOUR_MS } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario, type Stage } from '../support/workflow-rig.ts';

const ORDER: ReplayOrder = {
  homeRunId: 'home',
  operator: 'mia',
  reason: 'a portrait on the wall',
  ticket: 'CASE-9',
  requestedAt: '2026-01-15T12:00:00.000Z',
  ruling: { verdict: 'APPROVED', reviewer: 'mia', upon: 1 },
};
const TWO_FACES: RecoveredReads = {
  kind: 'RECOVERED',
  reads: [{ scheduledAt: '2026-01-15T11:00:00.000Z', report: answer({ multipleFaces: true }) }],
};
const RECEIPT = { topic: 'outcomes', partition: 0, offset: '42' };

/** Takes down what the Temporal UI shows of the run once it has ended. */
function watched() {
  const shown: { currentDetails: string; columns: readonly unknown[] } = { currentDetails: '', columns: [] };
  const during = async ({ handle, server }: Stage): Promise<void> => {
    await server.skipping(handle.result());
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    const { searchAttributes } = await handle.describe();
    shown.currentDetails = currentDetails;
    shown.columns = ['VfOutcome', 'VfReason', 'VfStage'].map((name) => searchAttributes[name]?.[0]);
  };
  return { shown, during };
}

describe('the run of a decision', () => {
  const server = useVirtualServer();

  it('makes no read and waits for nothing: it learns what was read, and publishes the decision with that', async () => {
    for (const ageMs of [0, 48 * HOUR_MS]) {
      const run = await runScenario(server(), {
        reads: [],
        input: { replay: ORDER, ageMs },
        emit: async (_order, number) => await Promise.resolve(number === 1 ? TWO_FACES : RECEIPT),
        byHand: true,
      });
      expect(run.orders).toEqual([]);
      expect(run.emissions.map(({ countedReads }) => countedReads)).toEqual([0, 1]);
      expect(eventTypes(run.history).filter((type) => type.startsWith('timer'))).toEqual([]);
      expect(labels(run.history)).toEqual(['emit PASSED to Kafka', 'emit PASSED to Kafka']);
      expect(run.result.outcome).toMatchObject({
        outcome: 'PASSED',
        reasons: [{ code: 'MANUAL_APPROVED', category: 'operator', stage: 'OPERATOR' }],
        retryAdvice: 'NONE',
        actor: { type: 'HUMAN', id: 'mia', justification: 'a portrait on the wall (CASE-9)' },
        comparisons: [{ name: 'result_ref1', confidence: 95 }],
        multipleFaces: true,
        retrieval: { callsUsed: 1 },
      });
    }
  });

  it('says in the UI who decided, why, what was published, and what was measured', async () => {
    const { shown, during } = watched();
    await runScenario(server(), {
      reads: [],
      input: { replay: ORDER },
      emit: async (_order, number) => await Promise.resolve(number === 1 ? TWO_FACES : RECEIPT),
      during,
      byHand: true,
    });
    const { currentDetails, columns } = shown;
    expect(columns).toEqual(['PASSED', 'MANUAL_APPROVED', 'DECIDED']);
    expect(currentDetails.split('\n').slice(0, 5)).toEqual([
      '**Outcome PASSED** (MANUAL_APPROVED), published as offset 42 of partition 0 of outcomes',
      '',
      '**Why** a person looked at it and approved it; liveness PASS; result_ref1 95, needs 70 for 1e-4',
      '',
      '**Decided by hand** by mia: a portrait on the wall (CASE-9)',
    ]);
  });

  it('is not ended by a cancellation, a hint or a stopped emission: the decision is published', async () => {
    const run = await runScenario(server(), {
      reads: [],
      input: { replay: ORDER },
      emit: async (_order, number, stage) => {
        if (number > 1) return RECEIPT;
        await stage.handle.signal('hint', { kind: 'SESSION_ENDED', trusted: true });
        await stage.handle.cancel();
        throw new Error('kafka away');
      },
      byHand: true,
    });
    expect(run.orders).toEqual([]);
    expect(new Set(run.emissions.map(({ event }) => JSON.stringify(event))).size).toBe(1);
    expect(run.result.outcome).toMatchObject({ outcome: 'PASSED', actor: { type: 'HUMAN' } });
  });

  it('whose decision another one came before, shows and returns the one that stands', async () => {
    const other = (event: OutcomeEvent): OutcomeEvent => ({
      ...event,
      revision: 2,
      outcome: 'FAILED',
      reasons: [{ code: 'MANUAL_REJECTED', category: 'operator', stage: 'OPERATOR' }],
      actor: { type: 'HUMAN', id: 'joe', justification: 'a mask' },
    });
    const { shown, during } = watched();
    const run = await runScenario(server(), {
      reads: [],
      input: { replay: ORDER },
      during,
      emit: async ({ event }) => await Promise.resolve({ ...RECEIPT, event: other(event) }),
      byHand: true,
    });
    expect(run.result.outcome).toMatchObject({ outcome: 'FAILED', actor: { id: 'joe' } });
    const { currentDetails, columns } = shown;
    expect(columns).toEqual(['FAILED', 'MANUAL_REJECTED', 'DECIDED']);
    expect(currentDetails).toContain('**Outcome FAILED** (MANUAL_REJECTED), published');
    expect(currentDetails).toContain('**Decided by hand** by joe: a mask');
  });

  it('repeated by a replay, neither reads nor waits, in the name of whoever replays', async () => {
    const { ruling, ...order } = ORDER;
    const run = await runScenario(server(), {
      reads: [],
      input: { replay: { ...order, operator: 'jane', ...(ruling === undefined ? {} : { repeats: ruling }) } },
      emit: async (_order, number) => await Promise.resolve(number === 1 ? TWO_FACES : RECEIPT),
      byHand: true,
    });
    expect(run.orders).toEqual([]);
    expect(run.emissions.at(-1)).toMatchObject({ replay: { repeats: ruling }, event: { actor: { type: 'OPERATOR', id: 'jane' } } });
  });

  it('started by hand with a decision that is none, fails and names the field', async () => {
    const bad = JSON.parse('{"verdict":"MAYBE","reviewer":"mia","upon":1}');
    const failed = runScenario(server(), { reads: [], input: { replay: { ...ORDER, ruling: bad } }, byHand: true });
    await expect(failed).rejects.toMatchObject({ cause: { type: 'UnsupportedInput', message: expect.stringContaining('replay.ruling') } });
  });
});
