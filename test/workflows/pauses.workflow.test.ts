import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { STATE_QUERY, type VerificationView } from '../../src/contracts/workflow.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { labels, seenEvents } from '../support/history.ts';
import { HOUR_MS, PASSED_READ, PLAIN_POLICY } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario, type Scenario, type VerificationHandle } from '../support/workflow-rig.ts';

const RECEIPT = { topic: 'outcomes', partition: 0, offset: '1' };
const WITHHELD: ReadReport = {
  kind: 'WITHHELD',
  why: 'LEDGER_UNKNOWN',
  doubt: 'SERVER_UNAVAILABLE',
  endedAt: '2026-01-15T12:00:00.000Z',
};

type Pause = {
  readonly scenario: Omit<Scenario, 'during'>;
  readonly waitingFor: string;
  /** What is shown of the outcome. */
  readonly shown: Readonly<Record<string, string>>;
  readonly details: RegExp;
  /** First reason once it is cancelled; undefined: PASSED. */
  readonly cancelled: string | undefined;
};

const PAUSES: Readonly<Record<string, Pause>> = {
  'while Temporal cannot say which reads were made': {
    scenario: { reads: (_order, number) => (number === 1 ? WITHHELD : PASSED_READ) },
    waitingFor: 'Temporal cannot say which reads were made',
    shown: {},
    details: /^\*\*Now\*\* Temporal cannot say which reads were made, next read at \d\d:\d\d:\d\d UTC\n/,
    cancelled: 'READ_WITHHELD',
  },
  'after the ledger struck off a read, with the outcome it withdrew': {
    scenario: {
      input: { policy: { ...PLAIN_POLICY, maxReads: 1 } },
      reads: (_order, number) => {
        if (number === 1) throw new Error('the worker is lost');
        return PASSED_READ;
      },
      emit: async (_order, number) => (number === 1 ? { kind: 'RECOVERED', reads: [] } : RECEIPT),
    },
    waitingFor: 'pausing after a read that was lost before it was made',
    shown: {},
    details: /^\*\*Now\*\* pausing after a read that was lost before it was made, next read at \d\d:\d\d:\d\d UTC\n\n\*\*Reads/,
    cancelled: 'CANCELLED_BY_OPERATOR',
  },
  'while an emission is stopped, whose outcome stays': {
    scenario: {
      reads: [
        {
          kind: 'VENDOR_ERROR',
          error: 'DATA_DESTROYED',
          sentAt: WITHHELD.endedAt,
          answeredAt: WITHHELD.endedAt,
          httpStatus: 403,
          vendorRequestIds: [],
        },
      ],
      emit: async (_order, number) => {
        if (number === 1) throw ApplicationFailure.nonRetryable('by hand');
        return RECEIPT;
      },
    },
    waitingFor: 'the emission was stopped by hand',
    shown: { outcome: 'EXPIRED', reason: 'RESULT_DESTROYED_UNEXPLAINED' },
    details:
      /^\*\*Now\*\* the emission was stopped by hand, sent again at \d\d:\d\d:\d\d UTC\n\n\*\*Outcome EXPIRED\*\* \(RESULT_DESTROYED_UNEXPLAINED\), not confirmed by Kafka yet\n/,
    cancelled: 'RESULT_DESTROYED_UNEXPLAINED',
  },
};

describe('a pause', () => {
  const server = useVirtualServer();

  it.each(Object.entries(PAUSES))('%s: list page, query and details say the same', async (_when, pause) => {
    const { result } = await runScenario(server(), {
      ...pause.scenario,
      during: async ({ handle, untilEvent }) => {
        await untilEvent('timerStarted');
        const view = await handle.query<VerificationView>(STATE_QUERY);
        expect(view).toMatchObject({ stage: 'WAITING', waitingFor: pause.waitingFor, ...pause.shown });
        expect(await listed(handle)).toEqual({ stage: view.stage, readsCounted: view.readsCounted, ...pause.shown });
        expect(Object.keys(view).filter((key) => key === 'outcome' || key === 'reason')).toEqual(Object.keys(pause.shown));
        expect(await currentDetails(handle)).toMatch(pause.details);
      },
    });
    expect(result.outcome.reasons[0]?.code).toBe(pause.shown['reason']);
  });

  it.each(Object.entries(PAUSES))('%s ends at once when the run is cancelled', async (_when, { scenario, cancelled }) => {
    const { result, history, emissions } = await runScenario(server(), {
      ...scenario,
      during: async ({ handle, untilEvent }) => {
        await untilEvent('timerStarted');
        await handle.cancel();
      },
    });
    expect(result.outcome.reasons[0]?.code).toBe(cancelled);
    const events = seenEvents(history);
    const [began = Number.NaN] = events.filter(({ type }) => type === 'timerStarted').map(({ atMs }) => atMs);
    expect((events.at(-1)?.atMs ?? Number.NaN) - began).toBeLessThan(10_000);
    // What was stopped is sent again as it was, whatever the run would conclude now that it is cancelled.
    if (cancelled === 'RESULT_DESTROYED_UNEXPLAINED') expect(emissions[1]).toEqual(emissions[0]);
  });

  it('is twice as long each time while nobody can say which reads were made, so that a week of that fills no history', async () => {
    const { history, orders, result } = await runScenario(server(), {
      reads: [WITHHELD],
      input: { policy: { ...PLAIN_POLICY, windowMs: 168 * HOUR_MS } },
    });
    expect(result.outcome.reasons.map(({ code }) => code)).toEqual(['READ_WITHHELD']);
    expect(orders.length).toBeGreaterThan(200);
    // Temporal warns at 10,240 events.
    expect(history.events?.length).toBeLessThan(4_000);
    expect(labels(history).filter((label) => label.startsWith('Temporal cannot say')).length).toBeGreaterThan(200);
  });
});

/** What the list page shows of it; an attribute that was taken away is null on the test server. */
async function listed(handle: VerificationHandle): Promise<Record<string, unknown>> {
  const { searchAttributes } = await handle.describe();
  const columns = { stage: 'VfStage', readsCounted: 'VfCallsSpent', outcome: 'VfOutcome', reason: 'VfReason' };
  const shown = Object.entries(columns).map(([field, column]): [string, unknown] => [field, searchAttributes[column]?.[0] ?? undefined]);
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

async function currentDetails(handle: VerificationHandle): Promise<string> {
  const { currentDetails: text } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return text;
}
