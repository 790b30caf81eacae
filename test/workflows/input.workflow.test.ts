import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import { inputAt } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';

describe('an input that only a start by hand can have', () => {
  const server = useVirtualServer();

  it.each([
    ['nothing', undefined],
    ['text', 'hello'],
    ['another version', { ...inputAt(0), v: 2 }],
    ['no deadline', { ...inputAt(0), deadlineAt: undefined }],
    ['an unreadable instant', { ...inputAt(0), issuedAt: 'yesterday' }],
    ['no policy', { ...inputAt(0), policy: undefined }],
  ])('fails the run readably instead of repeating its task for ever: %s', async (_name, input) => {
    const taskQueue = `input-${randomUUID()}`;
    const { client, native, skipping } = server();
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      identity: 'rig',
      workflowBundle: { codePath: inject('workflowBundlePath') },
    });
    const error = await worker.runUntil(async () => {
      const workflowId = `by-hand-${randomUUID()}`;
      const handle = await client.workflow.start('resolveVerification', { workflowId, taskQueue, args: [input] });
      return skipping(handle.result()).catch((failure: unknown) => failure);
    });
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    expect(cause instanceof ApplicationFailure && cause.type).toBe('UnsupportedInput');
  });
});
