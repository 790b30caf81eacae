import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it, vi } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { OutcomeSink } from '../../activities/ports.ts';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { type Breaker, createBreaker } from '../../src/async/breaker.ts';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { defined } from '../../src/domain/defined.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import { reason } from '../../src/domain/reasons.ts';
import { initialState } from '../../src/domain/state.ts';
import { NO_AWAY } from '../support/fake-ledger.ts';
import { spyEvents } from '../support/spy-events.ts';
import { inputAt, TEST_SEAL } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');
const INPUT = inputAt(NOW_MS);
const EVENT = buildOutcomeEvent({
  input: INPUT,
  state: initialState(assignmentOf(INPUT)),
  verdict: {
    outcome: 'EXPIRED',
    reasons: [reason('WINDOW_PASSED', 'SCHEDULE')],
    retryAdvice: 'NEW_VERIFICATION',
    riskLevel: 'UNKNOWN',
    comparisons: [],
  },
  workflowId: `fv-${INPUT.verificationId}`,
  runId: 'home',
  nowMs: NOW_MS,
});
const HOME = { workflowId: `fv-${INPUT.verificationId}`, runId: 'home' };
const ORDER = {
  v: 1,
  event: EVENT,
  maxReads: 3,
  maxRefusals: 5,
  countRefused: false,
  countedReads: 0,
  deadlineAt: INPUT.deadlineAt,
  originalRunId: 'home',
  stamped: true,
} as const;
const RECEIPT = { topic: 'outcomes', partition: 1, offset: '99' };

function rig(sink: OutcomeSink, breaker?: Breaker) {
  const settled: string[] = [];
  const events = spyEvents();
  const activities = createActivities({
    resultApi: { getResult: () => Promise.reject(new Error('not used')) },
    ...NO_AWAY,
    tokenOpener: TEST_SEAL,
    outcomeSink: sink,
    events,
    onIdle: (id) => settled.push(id),
    now: () => NOW_MS,
    ...defined({ breaker }),
  });
  return { activities, settled, events };
}

function environment(attempt = 1): MockActivityEnvironment {
  return new MockActivityEnvironment({ workflowExecution: HOME, attempt }, { logger: new DefaultLogger('ERROR') });
}

describe('emitOutcome', () => {
  it('answers where the outcome landed, reports it and releases admission', async () => {
    const publish = vi.fn<OutcomeSink['publish']>().mockResolvedValue(RECEIPT);
    const { activities, settled, events } = rig({ publish });
    const order = { ...ORDER, traceparent: '00-aa-bb-01' };
    await expect(environment().run(activities.emitOutcome, order)).resolves.toEqual(RECEIPT);
    expect(publish).toHaveBeenCalledExactlyOnceWith(EVENT, { traceparent: '00-aa-bb-01' });
    expect(settled).toEqual([INPUT.verificationId]);
    expect(events.outcomeEmitted).toHaveBeenCalledWith(
      expect.objectContaining({ outcome: 'EXPIRED', primaryReason: 'WINDOW_PASSED', callsUsed: 0, receipt: RECEIPT }),
    );
  });

  it('lets Temporal repeat what the brokers did not acknowledge, and reports nothing before', async () => {
    const failure = new DependencyUnavailableError('kafka', 'no acknowledgement');
    const { activities, settled, events } = rig({ publish: () => Promise.reject(failure) });
    await expect(environment().run(activities.emitOutcome, ORDER)).rejects.toBe(failure);
    expect(settled).toEqual([]);
    expect(events.outcomeEmitted).not.toHaveBeenCalled();
  });

  it('holds nothing while Kafka is known to be away: it is told at once when to come again, and gives its place up', async () => {
    const sent: unknown[] = [];
    const breaker = createBreaker({
      atOnce: 5,
      name: 'Kafka',
      isOutage: (error) => error instanceof DependencyUnavailableError && error.dependency === 'kafka',
    });
    const publish: OutcomeSink['publish'] = async (event) => {
      sent.push(event);
      throw await Promise.resolve(new DependencyUnavailableError('kafka', 'no acknowledgement'));
    };
    const { activities, settled } = rig({ publish }, breaker);
    await expect(environment().run(activities.emitOutcome, ORDER)).rejects.toMatchObject({ name: 'DependencyUnavailableError' });
    expect([sent.length, settled]).toEqual([1, []]);
    for (const attempt of [1, 7]) {
      const held: unknown = await environment(attempt)
        .run(activities.emitOutcome, ORDER)
        .catch((error: unknown) => error);
      expect(held).toMatchObject({
        type: 'HeldBack',
        category: 'BENIGN',
        nonRetryable: false,
        message: 'Kafka does not answer at present',
      });
      const delayMs = held instanceof ApplicationFailure ? Number(held.nextRetryDelay) : 0;
      expect(delayMs).toBeGreaterThanOrEqual(attempt === 1 ? 500 : 30_000);
      expect(delayMs).toBeLessThanOrEqual(attempt === 1 ? 1_000 : 60_000);
    }
    expect([sent.length, settled]).toEqual([1, [INPUT.verificationId, INPUT.verificationId]]);
  });
});
