import { ApplicationFailure } from '@temporalio/common';
import type { HintSignal } from '../../src/contracts/workflow.ts';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { until } from './until.ts';
import { answer, HOUR_MS, MINUTE_MS, PASSED_READ, PATIENT_POLICY, PENDING_READ, UNCERTAIN_READ } from './verification-input.ts';
import type { Scenario } from './workflow-rig.ts';

/** What the ledger answers: reads of other runs in the first hours of the window, all but the first one granted. */
function recovered(deadlineAt: string, reports: readonly ReadReport[]): RecoveredReads {
  const at = (index: number): string => new Date(Date.parse(deadlineAt) - (24 - index) * HOUR_MS).toISOString();
  return {
    kind: 'RECOVERED',
    reads: reports.map((report, index) => ({
      scheduledAt: at(index),
      endedAt: at(index),
      report,
      ...(index === 0 ? {} : { granted: index + 1 }),
    })),
  };
}

const REFUSED = {
  kind: 'VENDOR_ERROR',
  sentAt: '2026-01-05T10:00:00.000Z',
  answeredAt: '2026-01-05T10:00:01.000Z',
  vendorRequestIds: [],
} as const;

const REPLAY = { homeRunId: 'home', operator: 'jane', reason: 'outage', requestedAt: '2026-01-15T12:00:00.000Z' };

/** The paths that most verifications take, and those whose order of commands is easiest to break. */
export const REPRESENTATIVE_CASES: Readonly<Record<string, Scenario>> = {
  'passed-at-once': { reads: [PASSED_READ] },
  'pending-then-passed': { reads: [PENDING_READ, PASSED_READ] },
  'pending-until-the-quota-is-spent': { reads: [PENDING_READ] },
  'uncertain-until-the-quota-is-spent': { reads: [UNCERTAIN_READ] },
  'waits-then-hinted': {
    reads: [PASSED_READ],
    input: { policy: PATIENT_POLICY, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    during: async ({ handle, server }) => {
      await server.advance(5 * MINUTE_MS);
      await handle.signal('hint', { kind: 'SESSION_ENDED', trusted: true });
    },
  },
  'hinted-again-after-the-read': {
    reads: [PENDING_READ],
    input: { policy: PATIENT_POLICY },
    during: async ({ handle, server, orders }) => {
      const hint: HintSignal = { kind: 'SESSION_ENDED', trusted: true, recordedAt: '2026-01-15T12:00:00.000Z' };
      await server.advance(MINUTE_MS);
      await handle.signal('hint', hint);
      await server.advance(MINUTE_MS);
      await until(() => orders.length === 1, { timeoutMs: 20_000, what: 'the hinted read' });
      await handle.signal('hint', hint);
    },
  },
  'cancelled-while-waiting': {
    reads: [PASSED_READ],
    input: { policy: PATIENT_POLICY },
    during: async ({ handle, server }) => {
      await server.advance(MINUTE_MS);
      await handle.cancel();
    },
  },
  'cancelled-while-reading': {
    reads: async (_order, _number, { handle }) => {
      await handle.cancel();
      return PENDING_READ;
    },
  },
  'unsent-then-failed': {
    reads: [
      { kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt: '2026-01-05T10:00:00.000Z' },
      answer({ status: 'FAILED', liveness: { result: 'ABSENT' }, verifyPresent: false, comparisons: [] }),
    ],
  },
  'read-broke-then-passed': {
    reads: (_order, number) => {
      if (number === 1) throw new TypeError('a defect');
      return PASSED_READ;
    },
  },
  'admitted-after-the-window': { reads: [PASSED_READ], input: { ageMs: 25 * HOUR_MS } },
  'read-recovered': {
    reads: (order, number) => (number === 1 ? recovered(order.deadlineAt, [PENDING_READ]) : PASSED_READ),
  },
  'ledger-asked-again': {
    reads: (_order, number) =>
      number === 1
        ? { kind: 'WITHHELD', why: 'LEDGER_UNKNOWN', doubt: 'SERVER_UNAVAILABLE', endedAt: '2026-01-15T12:00:00.000Z' }
        : PASSED_READ,
  },
  'replay-asked-again-after-a-lost-read': {
    input: { policy: PATIENT_POLICY, replay: REPLAY },
    reads: (order, number) => {
      if (number === 1) throw new TypeError('a defect');
      return recovered(order.deadlineAt, [PASSED_READ]);
    },
  },
  'emission-recovered': {
    reads: [PASSED_READ],
    input: { ageMs: 25 * HOUR_MS },
    emit: async (order, number) =>
      number === 1 ? recovered(order.deadlineAt, [PENDING_READ, PASSED_READ]) : { topic: 'outcomes', partition: 0, offset: '2' },
  },
  'read-struck-off': {
    reads: (_order, number) => {
      if (number < 4) throw new TypeError('a defect');
      return PASSED_READ;
    },
    emit: async (order) =>
      order.countedReads > 2 ? recovered(order.deadlineAt, [PENDING_READ]) : { topic: 'outcomes', partition: 0, offset: '3' },
  },
  'emission-stopped': {
    reads: [PASSED_READ],
    emit: async (_order, number) => {
      if (number < 3) throw ApplicationFailure.nonRetryable('ended by hand');
      return { topic: 'outcomes', partition: 0, offset: '1' };
    },
  },
  'incomplete-answer': { reads: [answer({ comparisons: [] })] },
  'token-not-found': { reads: [{ ...REFUSED, error: 'RESULT_NOT_FOUND', httpStatus: 400 }] },
  'refused-by-200': {
    reads: [{ ...REFUSED, error: 'BAD_ARGUMENTS', httpStatus: 200 }, { ...REFUSED, error: 'BAD_ARGUMENTS', httpStatus: 200 }, PASSED_READ],
  },
  'emission-repeated': {
    reads: [PASSED_READ],
    emit: async (_order, number) => {
      if (number === 1) throw new Error('brokers away');
      return { topic: 'outcomes', partition: 0, offset: '1' };
    },
  },
};
