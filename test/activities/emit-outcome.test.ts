import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it, vi } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { OutcomeSink } from '../../activities/ports.ts';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
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

function rig(sink: OutcomeSink) {
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
  });
  return { activities, settled, events };
}

function environment(): MockActivityEnvironment {
  return new MockActivityEnvironment({ workflowExecution: HOME }, { logger: new DefaultLogger('ERROR') });
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
});
