import { randomUUID } from 'node:crypto';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { VerificationInput, VerificationResult } from '../../src/contracts/workflow.ts';
import { ORIGIN_MEMO_KEY, WORKFLOW_TYPE } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { TemporalLink } from '../../src/temporal/connect.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createStarter } from '../../src/temporal/starter.ts';
import { createVerificationWorker } from '../../src/temporal/worker.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { freshNamespace } from '../support/temporal-namespace.ts';
import { inputAt, PASSED_READ, TEST_SEAL } from '../support/verification-input.ts';

describe('a verification on a real server', () => {
  const taskQueue = `real-${randomUUID()}`;
  const calls: string[] = [];
  let link: TemporalLink<NativeConnection>;
  let worker: Worker;
  let running: Promise<void>;

  beforeAll(async () => {
    installRuntime({ logger: silentLogger });
    link = await freshNamespace(inject('temporalAddress'), { searchAttributes: true });
    const activities = createActivities({
      resultApi: {
        async getResult({ token }) {
          calls.push(token);
          return PASSED_READ;
        },
      },
      tokenOpener: TEST_SEAL,
      outcomeSink: { publish: async () => ({ topic: 'outcomes', partition: 0, offset: '1' }) },
    });
    const { connection, namespace } = link;
    worker = await createVerificationWorker({ connection, namespace, taskQueue, activities, shutdownGraceMs: 5_000 });
    running = worker.run();
  });
  afterAll(async () => {
    worker.shutdown();
    await running;
    await link.close();
  });

  async function home(input: VerificationInput, eager = false): Promise<VerificationResult> {
    const starter = createStarter({ client: link.client, taskQueue, requestEagerStart: eager });
    const { topic, partition, offset } = input.source;
    const origin = { origin: 'ingress', topic, partition, offset, admittedAt: input.admittedAt } as const;
    await starter.start({ workflowId: workflowIdOf(input.verificationId), input, origin });
    return resultOf(input);
  }

  function resultOf(input: VerificationInput): Promise<VerificationResult> {
    return link.client.workflow.result(workflowIdOf(input.verificationId));
  }

  /** The event that ends the first workflow task: a reset to it repeats everything. */
  async function firstTaskEventId(input: VerificationInput) {
    const { events } = await link.client.workflow.getHandle(workflowIdOf(input.verificationId)).fetchHistory();
    return events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId ?? null;
  }

  it.each([false, true])('reads once in its home run (eager start: %s)', async (eager) => {
    const input = inputAt(Date.now(), { token: `home-${eager}-${randomUUID()}` });
    const { outcome } = await home(input, eager);
    expect(outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
    const seen = await link.client.workflow.getHandle(workflowIdOf(input.verificationId)).describe();
    expect(seen.searchAttributes).toMatchObject({ VfOutcome: ['PASSED'], VfStage: ['DECIDED'], VfCallsSpent: [1] });
    expect(seen.historyLength).toBe(18);
  });

  it('does not read again in a run that was reset', async () => {
    const input = inputAt(Date.now(), { token: `reset-${randomUUID()}` });
    const { outcome } = await home(input);
    const before = calls.length;
    await link.client.workflowService.resetWorkflowExecution({
      namespace: link.namespace,
      workflowExecution: { workflowId: workflowIdOf(input.verificationId), runId: outcome.correlation.runId },
      workflowTaskFinishEventId: await firstTaskEventId(input),
      reason: 'test',
      requestId: randomUUID(),
    });
    const again = await resultOf(input);
    expect(again.outcome.correlation.runId).not.toBe(outcome.correlation.runId);
    expect(again.outcome).toMatchObject({ outcome: 'ERROR', reasons: [{ code: 'READ_WITHHELD' }] });
    expect(calls.length).toBe(before);
  });

  it('does not read again when somebody starts the same input by hand', async () => {
    const input = inputAt(Date.now(), { token: `copy-${randomUUID()}` });
    await home(input);
    const before = calls.length;
    const workflowId = workflowIdOf(input.verificationId);
    await link.client.workflow.start(WORKFLOW_TYPE, { workflowId, taskQueue, args: [input] });
    const copy = await resultOf(input);
    expect(copy.outcome.reasons[0]?.code).toBe('READ_WITHHELD');
    const elsewhere = await link.client.workflow.execute(WORKFLOW_TYPE, {
      workflowId: `by-hand-${randomUUID()}`,
      taskQueue,
      args: [input],
      memo: { [ORIGIN_MEMO_KEY]: { origin: 'ingress' } },
    });
    expect(elsewhere.outcome.reasons[0]?.code).toBe('READ_WITHHELD');
    expect(calls.length).toBe(before);
  });
});
