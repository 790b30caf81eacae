import { Context } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { HINT_SIGNAL, type Postponed } from '../../src/contracts/workflow.ts';
import { eventTypes, labels, seenEvents } from '../support/history.ts';
import { HOUR_MS, iso, PASSED_READ, PENDING_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario, type Scenario } from '../support/workflow-rig.ts';

const RECEIPT = { topic: 'outcomes', partition: 0, offset: '42' };

describe('the emission from the workflow task that decides', () => {
  const server = useVirtualServer();

  const LEFT_TO_THE_ACTIVITY: readonly [string, NonNullable<Scenario['emitAtOnce']>][] = [
    ...(['AWAY', 'KAFKA_AWAY', 'KAFKA_SLOW'] as const).map((why): [string, () => Promise<Postponed>] => [
      `it is postponed (${why})`,
      async () => ({ kind: 'POSTPONED', why }),
    ]),
    ['it fails', async () => await Promise.reject(new Error('the record is too large'))],
    ['nobody ends it in time', async () => await Context.current().cancelled],
    ['its answer is no receipt', async () => JSON.parse('{"topic":"outcomes"}')],
  ];
  it.each(LEFT_TO_THE_ACTIVITY)(
    '%s: within 3 s the ordinary activity sends the same bytes, and the run completes',
    async (_how, emitAtOnce) => {
      const { result, history, emissions, atOnce } = await runScenario(server(), { reads: [PASSED_READ], emitAtOnce });
      expect([atOnce.length, emissions.length]).toEqual([1, 1]);
      expect(emissions).toEqual(atOnce);
      expect(result).toEqual({ outcome: atOnce[0]?.event, emission: RECEIPT });
      expect(eventTypes(history).filter((type) => /marker|Failed|TimedOut/.test(type))).toEqual(['markerRecorded']);
      expect(labels(history).slice(1)).toEqual(['read 1 of 3', 'emit PASSED to Kafka', 'emit PASSED to Kafka']);
      const events = seenEvents(history);
      const [read = Number.NaN, emission = Number.NaN] = events
        .filter(({ type }) => /activityTask(Completed|Scheduled)/.test(type))
        .slice(1)
        .map(({ atMs }) => atMs);
      expect(emission - read).toBeLessThan(3_000);
    },
  );

  const MEANWHILE: readonly [string, NonNullable<Scenario['during']>][] = [
    ['a hint', async ({ handle }) => await handle.signal(HINT_SIGNAL, { kind: 'SESSION_ENDED', trusted: true })],
    ['a cancellation', async ({ handle }) => void (await handle.cancel())],
  ];
  it.each(MEANWHILE)('is repeated when %s comes meanwhile: the same bytes, the same verdict', async (_what, comes) => {
    const { result, history, atOnce, emissions } = await runScenario(server(), {
      reads: [PASSED_READ],
      emitAtOnce: async (_order, number, stage) => {
        if (number === 1) await comes(stage);
        return RECEIPT;
      },
    });
    expect(atOnce).toHaveLength(2);
    expect(JSON.stringify(atOnce[1]?.event)).toBe(JSON.stringify(atOnce[0]?.event));
    expect(result).toEqual({ outcome: atOnce[0]?.event, emission: RECEIPT });
    expect(emissions).toEqual([]);
    expect(eventTypes(history).filter((type) => type === 'markerRecorded')).toHaveLength(1);
  });

  it.each([
    ['when the vendor answered, by the clock of the worker that read', HOUR_MS],
    ['when the read was scheduled, if that clock is behind', -HOUR_MS],
  ])('tells as its time %s', async (_what, aheadByMs) => {
    let answeredAt = '';
    const { result, history } = await runScenario(server(), {
      reads: async (_order, _number, stage) => {
        answeredAt = iso((await stage.server.nowMs()) + aheadByMs);
        return PASSED_READ.kind === 'ANSWER' ? { ...PASSED_READ, answeredAt } : PASSED_READ;
      },
    });
    const scheduledAt = iso(seenEvents(history).find(({ type }) => type === 'workflowTaskStarted')?.atMs ?? 0);
    const at = aheadByMs > 0 ? answeredAt : scheduledAt;
    expect(result.outcome.timestamps).toMatchObject({ completedAt: at, emittedAt: at });
  });

  it.each<[string, Scenario]>([
    ['a deadline', { reads: [PENDING_READ] }],
    [
      'a cancellation while it waits',
      {
        reads: [PENDING_READ],
        during: async ({ handle, untilEvent }) => {
          await untilEvent('timerStarted');
          await handle.cancel();
        },
      },
    ],
  ])('is not for what %s decides', async (_what, scenario) => {
    const { atOnce, emissions } = await runScenario(server(), scenario);
    expect([atOnce.length, emissions.length]).toEqual([0, 1]);
  });
});
