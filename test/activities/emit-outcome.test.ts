import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it, vi } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { OutcomeSink } from '../../activities/ports.ts';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { type Breaker, createBreaker } from '../../src/async/breaker.ts';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import type { VerificationActivities } from '../../src/contracts/workflow.ts';
import { defined } from '../../src/domain/defined.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import { reason } from '../../src/domain/reasons.ts';
import { initialState } from '../../src/domain/state.ts';
import { NO_AWAY } from '../support/fake-ledger.ts';
import { spyEvents } from '../support/spy-events.ts';
import { until } from '../support/until.ts';
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

function environment(attempt = 1, info: Partial<Info> = {}): MockActivityEnvironment {
  return new MockActivityEnvironment({ workflowExecution: HOME, attempt, ...info }, { logger: new DefaultLogger('ERROR') });
}

/** As workers make it, for `atOnce` emissions. */
function kafkaBreaker(atOnce = 5): Breaker {
  return createBreaker({
    atOnce,
    name: 'Kafka',
    isOutage: (error) => error instanceof DependencyUnavailableError && error.dependency === 'kafka',
  });
}

const UNAVAILABLE = new DependencyUnavailableError('kafka', 'no acknowledgement');

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
    const publish: OutcomeSink['publish'] = async (event) => {
      sent.push(event);
      throw await Promise.resolve(UNAVAILABLE);
    };
    const { activities, settled } = rig({ publish }, kafkaBreaker());
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

  it('comes again when the breaker says so, if many are held back', async () => {
    const { activities } = rig({ publish: async () => await Promise.reject(UNAVAILABLE) }, kafkaBreaker());
    const rejected = async (): Promise<unknown> =>
      await environment()
        .run(activities.emitOutcome, ORDER)
        .catch((error: unknown) => error);
    await rejected();
    const delaysMs: number[] = [];
    for (let held = 0; held < 100; held += 1) {
      const failure = await rejected();
      delaysMs.push(failure instanceof ApplicationFailure ? Number(failure.nextRetryDelay) : 0);
    }
    // 20 a second: the hundredth comes no earlier than 4 s from now, however short its own backoff is.
    expect(Math.max(...delaysMs)).toBeGreaterThan(4_000);
  });

  it('takes the first receipt for the end of an outage', async () => {
    const breaker = kafkaBreaker();
    const publish = vi.fn<OutcomeSink['publish']>().mockRejectedValueOnce(UNAVAILABLE).mockResolvedValue(RECEIPT);
    const { activities } = rig({ publish }, breaker);
    await expect(environment().run(activities.emitOutcome, ORDER)).rejects.toBe(UNAVAILABLE);
    expect(breaker.isOpen()).toBe(true);
    const tried = async (): Promise<boolean> =>
      await environment()
        .run(activities.emitOutcome, ORDER)
        .then(
          () => true,
          () => false,
        );
    await until(tried, { timeoutMs: 5_000, what: 'a try that gets through' });
    expect(breaker.isOpen()).toBe(false);
  });
});

describe('emitOutcome within the workflow task that decides', () => {
  const run = async (activities: VerificationActivities, info: Partial<Info> = {}): Promise<unknown> =>
    await environment(1, { isLocal: true, ...info }).run(activities.emitOutcome, ORDER);

  it('publishes, reports it and releases admission', async () => {
    const publish = vi.fn<OutcomeSink['publish']>().mockResolvedValue(RECEIPT);
    const { activities, settled, events } = rig({ publish }, kafkaBreaker());
    await expect(run(activities)).resolves.toEqual(RECEIPT);
    expect(publish).toHaveBeenCalledExactlyOnceWith(EVENT, {});
    expect(events.outcomeEmitted).toHaveBeenCalledOnce();
    expect(settled).toEqual([INPUT.verificationId]);
  });

  it.each([
    ['another run', { ...HOME, runId: 'a reset' }],
    ['another workflow id', { ...HOME, workflowId: 'a copy' }],
  ])('publishes nothing for %s: its outcome may need another revision', async (_who, workflowExecution) => {
    const publish = vi.fn<OutcomeSink['publish']>();
    const { activities, settled } = rig({ publish }, kafkaBreaker());
    await expect(run(activities, { workflowExecution })).resolves.toEqual({ kind: 'POSTPONED', why: 'AWAY' });
    expect(publish).not.toHaveBeenCalled();
    expect(settled).toEqual([]);
  });

  it('tries nothing while Kafka is known to be away, and leaves what finds that out to the activity', async () => {
    const publish = vi.fn<OutcomeSink['publish']>().mockRejectedValue(UNAVAILABLE);
    const breaker = kafkaBreaker();
    const { activities } = rig({ publish }, breaker);
    const answers = [await run(activities), await run(activities)];
    expect(answers).toEqual(Array.from({ length: 2 }, () => ({ kind: 'POSTPONED', why: 'KAFKA_AWAY' })));
    expect(publish).toHaveBeenCalledOnce();
    expect(breaker.isOpen()).toBe(true);
  });

  it('does not become the one try of an outage, which holds up a workflow task for a second', async () => {
    const publish = vi.fn<OutcomeSink['publish']>();
    const holding: Breaker = { isOpen: () => true, run: async (work) => await work(() => undefined) };
    await expect(run(rig({ publish }, holding).activities)).resolves.toEqual({ kind: 'POSTPONED', why: 'KAFKA_AWAY' });
    expect(publish).not.toHaveBeenCalled();
  });

  it('has no place beside those under way', async () => {
    const publish = vi.fn<OutcomeSink['publish']>();
    await expect(run(rig({ publish }, kafkaBreaker(0)).activities)).resolves.toEqual({ kind: 'POSTPONED', why: 'KAFKA_SLOW' });
    expect(publish).not.toHaveBeenCalled();
  });

  it('waits for a second, begins none beside one that came too late, and the next one once that is over', async () => {
    vi.useFakeTimers();
    try {
      const pending: ((receipt: typeof RECEIPT) => void)[] = [];
      const publish = vi.fn<OutcomeSink['publish']>(async () => await new Promise((resolve) => void pending.push(resolve)));
      const { activities, events } = rig({ publish }, kafkaBreaker());
      let answer: unknown;
      const first = run(activities).then((told) => (answer = told));
      await vi.advanceTimersByTimeAsync(999);
      expect(answer).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1);
      await first;
      expect(answer).toEqual({ kind: 'POSTPONED', why: 'KAFKA_SLOW' });
      await expect(run(activities)).resolves.toEqual({ kind: 'POSTPONED', why: 'KAFKA_SLOW' });
      expect(publish).toHaveBeenCalledOnce();

      pending[0]?.(RECEIPT);
      await vi.advanceTimersByTimeAsync(0);
      // It is out after all, and reported as such; the activity sends the same bytes once more.
      expect(events.outcomeEmitted).toHaveBeenCalledOnce();
      const next = run(activities);
      await vi.advanceTimersByTimeAsync(0);
      pending[1]?.(RECEIPT);
      await expect(next).resolves.toEqual(RECEIPT);
    } finally {
      vi.useRealTimers();
    }
  });

  it('rejects with what Kafka refuses for good', async () => {
    const refused = new Error('the record is too large');
    const { activities } = rig({ publish: async () => await Promise.reject(refused) }, kafkaBreaker());
    await expect(run(activities)).rejects.toBe(refused);
  });
});
