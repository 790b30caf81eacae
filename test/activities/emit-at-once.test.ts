import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { OutcomeSink } from '../../activities/ports.ts';
import { type Breaker, createBreaker } from '../../src/async/breaker.ts';
import { EXAMPLE_OUTCOME } from '../../src/contracts/wire/examples.ts';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { NO_AWAY } from '../support/fake-ledger.ts';
import { TEST_SEAL } from '../support/verification-input.ts';

const HOME = { workflowId: workflowIdOf(EXAMPLE_OUTCOME.verificationId), runId: 'home' };
const ORDER = {
  v: 1,
  event: EXAMPLE_OUTCOME,
  maxReads: 3,
  maxRefusals: 5,
  countRefused: false,
  countedReads: 1,
  deadlineAt: '2026-01-16T09:00:00.000Z',
  originalRunId: 'home',
  stamped: true,
} as const;
const RECEIPT = { topic: 'outcomes', partition: 1, offset: '99' };
const AWAY = new DependencyUnavailableError('kafka', 'no acknowledgement');

type Acknowledge = { readonly resolve: (receipt: typeof RECEIPT) => void; readonly reject: (error: Error) => void };

/** Every send waits until the test answers it. */
function rig({ atOnce = 2 }: { atOnce?: number } = {}) {
  const sends: Acknowledge[] = [];
  const publish = vi.fn<OutcomeSink['publish']>(() => new Promise((resolve, reject) => void sends.push({ resolve, reject })));
  const breaker: Breaker = createBreaker({ atOnce, name: 'Kafka', isOutage: (error) => error === AWAY });
  const { emitOutcome } = createActivities({
    resultApi: { getResult: () => Promise.reject(new Error('not used')) },
    ...NO_AWAY,
    tokenOpener: TEST_SEAL,
    outcomeSink: { publish },
    breaker,
  });
  const emit = (info: { isLocal?: boolean; workflowExecution?: typeof HOME } = {}): Promise<unknown> =>
    new MockActivityEnvironment({ workflowExecution: HOME, isLocal: true, ...info }, { logger: new DefaultLogger('ERROR') }).run(
      emitOutcome,
      ORDER,
    );
  return { publish, sends, emit };
}

const postponed = (why: string) => ({ kind: 'POSTPONED', why });

describe('emitOutcome, called by the workflow task that decides', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('answers where the outcome landed', async () => {
    const { publish, sends, emit } = rig();
    const answer = emit();
    sends[0]?.resolve(RECEIPT);
    await expect(answer).resolves.toEqual(RECEIPT);
    expect(publish).toHaveBeenCalledExactlyOnceWith(EXAMPLE_OUTCOME, {});
  });

  it.each([
    ['a reset run', { workflowExecution: { ...HOME, runId: 'reset' } }],
    ['a copy under another id', { workflowExecution: { ...HOME, workflowId: 'copy' } }],
  ])('is postponed in %s, and sends nothing', async (_run, info) => {
    const { publish, emit } = rig();
    await expect(emit(info)).resolves.toEqual(postponed('AWAY'));
    expect(publish).not.toHaveBeenCalled();
  });

  it('waits for a second and no longer; while that send is under way none is begun, and once it is over the next one is', async () => {
    const { publish, sends, emit } = rig();
    const first = emit();
    await vi.advanceTimersByTimeAsync(999);
    await expect(Promise.race([first, Promise.resolve('waits')])).resolves.toBe('waits');
    await vi.advanceTimersByTimeAsync(1);
    await expect(first).resolves.toEqual(postponed('KAFKA_SLOW'));
    await expect(emit()).resolves.toEqual(postponed('KAFKA_SLOW'));
    expect(publish).toHaveBeenCalledOnce();
    sends[0]?.resolve(RECEIPT);
    await vi.advanceTimersByTimeAsync(0);
    const next = emit();
    sends[1]?.resolve(RECEIPT);
    await expect(next).resolves.toEqual(RECEIPT);
  });

  it('is postponed at once while Kafka is known to be away, and finds out nothing: that is for the ordinary activity', async () => {
    const { publish, sends, emit } = rig();
    const first = emit();
    sends[0]?.reject(AWAY);
    await expect(first).resolves.toEqual(postponed('KAFKA_AWAY'));
    await vi.advanceTimersByTimeAsync(3_600_000);
    await expect(emit()).resolves.toEqual(postponed('KAFKA_AWAY'));
    expect(publish).toHaveBeenCalledOnce();
    const probe = emit({ isLocal: false });
    sends[1]?.resolve(RECEIPT);
    await expect(probe).resolves.toEqual(RECEIPT);
    const next = emit();
    sends[2]?.resolve(RECEIPT);
    await expect(next).resolves.toEqual(RECEIPT);
  });

  it('is postponed as slow, not as away, when Kafka has as many to take as may wait for it', async () => {
    const { publish, sends, emit } = rig({ atOnce: 2 });
    const [one, two] = [emit(), emit()];
    await expect(emit()).resolves.toEqual(postponed('KAFKA_SLOW'));
    expect(publish).toHaveBeenCalledTimes(2);
    for (const send of sends) send.resolve(RECEIPT);
    await expect(Promise.all([one, two])).resolves.toEqual([RECEIPT, RECEIPT]);
  });

  it('throws what Kafka refuses for good, for the history to show', async () => {
    const { sends, emit } = rig();
    const answer = emit();
    const refusal = new Error('the record is too large');
    sends[0]?.reject(refusal);
    await expect(answer).rejects.toBe(refusal);
  });
});
