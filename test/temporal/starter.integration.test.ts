import { type Client, Client as GrpcClient, Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DependencyUnavailableError, StartRefusedError } from '../../src/contracts/errors.ts';
import { ORIGIN_MEMO_KEY, SEARCH_ATTRIBUTES, type VerificationInput } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { StartOrder } from '../../src/ingress/ports.ts';
import type { TemporalLink } from '../../src/temporal/connect.ts';
import { bizKeys } from '../../src/temporal/biz-key.ts';
import { createHintSender } from '../../src/temporal/hint-sender.ts';
import { createStarter } from '../../src/temporal/start.ts';
import { freshNamespace } from '../support/temporal-namespace.ts';
import { inputAt } from '../support/verification-input.ts';

const TASK_QUEUE = 'nobody-polls-this';

describe('starting verifications', () => {
  let link: TemporalLink<NativeConnection>;
  let client: Client;

  beforeAll(async () => {
    link = await freshNamespace(inject('temporalAddress'), { searchAttributes: true });
    client = link.client;
  });
  afterAll(() => link.close());

  it('starts once, however often it is asked, also after the run has ended', async () => {
    const starter = createStarter({ client, taskQueue: TASK_QUEUE });
    const order = orderOf(inputAt(Date.now()));
    await expect(starter.start(order)).resolves.toBe('STARTED');
    await expect(starter.start(order)).resolves.toBe('ALREADY_STARTED');
    await client.workflow.getHandle(order.workflowId).terminate('test');
    await expect(starter.start(order)).resolves.toBe('ALREADY_STARTED');
  });

  it('is readable before any worker saw it: stamp, typed search attributes, summary, details', async () => {
    const input = inputAt(Date.now(), { bizNo: 'order-7' });
    await createStarter({ client, taskQueue: TASK_QUEUE, bizKeyOf: (bizNo) => bizKeys(bizNo, [Buffer.alloc(32, 7)])[0] }).start(
      orderOf(input),
    );
    const seen = await client.workflow.getHandle(workflowIdOf(input.verificationId)).describe();
    expect(seen.memo?.[ORIGIN_MEMO_KEY]).toMatchObject({ origin: 'ingress', topic: 'requests', partition: 3, offset: '1200' });
    const attributes = seen.typedSearchAttributes;
    expect(attributes.get(SEARCH_ATTRIBUTES.stage)).toBe('READING');
    expect(attributes.get(SEARCH_ATTRIBUTES.deadline)?.toISOString()).toBe(input.deadlineAt);
    expect(attributes.get(SEARCH_ATTRIBUTES.policy)).toBe('completed');
    expect(attributes.get(SEARCH_ATTRIBUTES.readsCounted)).toBe(0);
    expect(attributes.get(SEARCH_ATTRIBUTES.bizKey)).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(seen.raw.workflowExecutionInfo?.searchAttributes ?? {})).not.toContain('order-7');
    await expect(seen.staticSummary()).resolves.toMatch(/^face verification, policy completed, at most 3 reads until/);
    const details = (await seen.staticDetails()) ?? '';
    expect(details).toContain('outcome due by');
    expect(details).not.toMatch(/\|---|\d\/\d/);
  });

  it('makes a business number searchable within the start itself: not one event more', async () => {
    const bizKeyOf = (bizNo: string): string | undefined => bizKeys(bizNo, [Buffer.alloc(32, 7)])[0];
    const counts = await Promise.all(
      [{}, { bizKeyOf }].map(async (searchable) => {
        const order = orderOf(inputAt(Date.now(), { bizNo: 'order-7' }));
        await createStarter({ client, taskQueue: TASK_QUEUE, ...searchable }).start(order);
        return (await client.workflow.getHandle(order.workflowId).fetchHistory()).events?.length;
      }),
    );
    expect(counts).toEqual([2, 2]);
  });

  it('does not publish the business number unless it was declared searchable', async () => {
    const input = inputAt(Date.now(), { bizNo: 'order-7' });
    await createStarter({ client, taskQueue: TASK_QUEUE }).start(orderOf(input));
    const seen = await client.workflow.getHandle(workflowIdOf(input.verificationId)).describe();
    expect(seen.typedSearchAttributes.get(SEARCH_ATTRIBUTES.bizKey)).toBeUndefined();
    expect(`${await seen.staticSummary()}${await seen.staticDetails()}`).not.toContain('order-7');
  });

  it('says that setup was not run when a search attribute is missing', async () => {
    const bare = await freshNamespace(inject('temporalAddress'), { searchAttributes: false });
    try {
      const start = createStarter({ client: bare.client, taskQueue: TASK_QUEUE }).start(orderOf(inputAt(Date.now())));
      await expect(start).rejects.toThrow(DependencyUnavailableError);
      await expect(start).rejects.toThrow(/Vf\w+.*verdictflow setup/);
    } finally {
      await bare.close();
    }
  });

  it('tells an input that can never start from an outage', async () => {
    const tooBig = inputAt(Date.now(), { attributes: { filler: 'x'.repeat(3_000_000) } });
    const start = createStarter({ client, taskQueue: TASK_QUEUE }).start(orderOf(tooBig));
    await expect(start).rejects.toThrow(StartRefusedError);
  });

  it('gives up on a server that is away within its deadline', async () => {
    const away = new GrpcClient({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
    const beganAtMs = Date.now();
    const start = createStarter({ client: away, taskQueue: TASK_QUEUE, deadlineMs: 1_500 }).start(orderOf(inputAt(Date.now())));
    await expect(start).rejects.toThrow(DependencyUnavailableError);
    expect(Date.now() - beganAtMs).toBeLessThan(5_000);
    await away.connection.close();
  });

  it('takes an unknown namespace for an outage, not for a bad record', async () => {
    const lost = new GrpcClient({ connection: link.connection, namespace: 'nowhere' });
    const start = createStarter({ client: lost, taskQueue: TASK_QUEUE }).start(orderOf(inputAt(Date.now())));
    await expect(start).rejects.toThrow(DependencyUnavailableError);
  });

  it('delivers a hint to a running verification, and only to one', async () => {
    const sender = createHintSender({ client });
    const order = orderOf(inputAt(Date.now()));
    const hint = { kind: 'SESSION_ENDED', trusted: false } as const;
    await expect(sender.send(order.workflowId, hint)).resolves.toBe('NOT_FOUND');
    await createStarter({ client, taskQueue: TASK_QUEUE }).start(order);
    await expect(sender.send(order.workflowId, hint)).resolves.toBe('DELIVERED');
    await client.workflow.getHandle(order.workflowId).terminate('test');
    await expect(sender.send(order.workflowId, hint)).resolves.toBe('NOT_FOUND');
  });
});

function orderOf(input: VerificationInput): StartOrder {
  const { topic, partition, offset } = input.source;
  const origin = { origin: 'ingress', topic, partition, offset, admittedAt: input.admittedAt } as const;
  return { workflowId: workflowIdOf(input.verificationId), input, origin };
}
