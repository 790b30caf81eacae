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
    ['nothing', undefined, 'v, verificationId'],
    ['text', 'hello', 'v, verificationId'],
    ['another version', { ...inputAt(0), v: 2 }, 'see v'],
    ['no deadline', { ...inputAt(0), deadlineAt: undefined }, 'see deadlineAt'],
    ['an unreadable instant', { ...inputAt(0), issuedAt: 'yesterday' }, 'see issuedAt'],
    ['no policy', { ...inputAt(0), policy: undefined }, 'policy.plan'],
    ['no window', { ...inputAt(0), policy: { ...inputAt(0).policy, windowMs: undefined } }, 'see policy.windowMs'],
    ['a plan of nothing', { ...inputAt(0), policy: { ...inputAt(0).policy, plan: [{}] } }, 'see policy.plan'],
    ['no comparisons', { ...inputAt(0), comparisons: undefined }, 'see comparisons'],
    ['no attributes', { ...inputAt(0), attributes: undefined }, 'see attributes'],
    ['no source', { ...inputAt(0), source: undefined }, 'see source.topic'],
  ])('fails the run readably instead of repeating its task for ever: %s', async (_name, input, fields) => {
    const taskQueue = `input-${randomUUID()}`;
    const { client, native, skipping } = server();
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      identity: 'rig',
      workflowBundle: { codePath: inject('workflowBundlePath') },
      debugMode: true,
    });
    const error = await worker.runUntil(async () => {
      const workflowId = `by-hand-${randomUUID()}`;
      const handle = await client.workflow.start('resolveVerification', { workflowId, taskQueue, args: [input] });
      return skipping(handle.result().catch((failure: unknown) => failure));
    });
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect(cause).toMatchObject({ type: 'UnsupportedInput', message: expect.stringContaining(fields) });
  });
});
