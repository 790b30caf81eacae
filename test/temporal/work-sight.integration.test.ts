import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SEARCH_ATTRIBUTES, WORKFLOW_TYPE } from '../../src/contracts/workflow.ts';
import { lookAtWork, type WorkSight } from '../../src/temporal/work-sight.ts';
import { freshNamespace } from '../support/temporal-namespace.ts';
import { until } from '../support/until.ts';

const MINUTE_MS = 60_000;
let temporal: Awaited<ReturnType<typeof freshNamespace>>;

beforeAll(async () => void (temporal = await freshNamespace(inject('temporalAddress'), { searchAttributes: true })));
afterAll(async () => await temporal.close());

async function look(taskQueue: string): Promise<WorkSight> {
  return await lookAtWork(temporal.client, { namespace: temporal.namespace, taskQueue, nowMs: Date.now() });
}

async function started(taskQueue: string, deadlineInMs: number): Promise<void> {
  await temporal.client.workflow.start(WORKFLOW_TYPE, {
    taskQueue,
    workflowId: randomUUID(),
    typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.deadline, value: new Date(Date.now() + deadlineInMs) }],
  });
}

function near({ deadlines }: WorkSight): Readonly<Record<string, number>> {
  return Object.fromEntries(deadlines.map(({ within, count }) => [within, count]));
}

describe('what the server knows of the work', () => {
  it('counts what runs by how near its deadline is, of this task queue alone; a minute is left for the end', async () => {
    const taskQueue = randomUUID();
    for (const inMs of [-2 * MINUTE_MS, -MINUTE_MS / 2, 5 * MINUTE_MS, 30 * MINUTE_MS, 120 * MINUTE_MS]) await started(taskQueue, inMs);
    await started(randomUUID(), -2 * MINUTE_MS);
    const all = { PAST: 1, '10m': 3, '1h': 4 };
    await until(async () => near(await look(taskQueue))['1h'] === all['1h'], { timeoutMs: 10_000, what: 'visibility knows them' });
    expect(near(await look(taskQueue))).toEqual(all);
  });

  it('tells how long the oldest task waits, and that nobody asks for it', async () => {
    const taskQueue = randomUUID();
    const empty = await look(taskQueue);
    expect(empty.queues).toEqual([
      { kind: 'workflow', pollers: 0, oldestMs: 0 },
      { kind: 'activity', pollers: 0, oldestMs: 0 },
    ]);
    expect(near(empty)).toEqual({ PAST: 0, '10m': 0, '1h': 0 });
    await started(taskQueue, MINUTE_MS);
    const oldest = async (): Promise<WorkSight['queues'][number] | undefined> => (await look(taskQueue)).queues[0];
    await until(async () => ((await oldest())?.oldestMs ?? 0) > 1_000, { timeoutMs: 15_000, what: 'the task has waited for a second' });
    expect(await oldest()).toMatchObject({ kind: 'workflow', pollers: 0 });
  });

  it('tells who asks, as long as they come back', async () => {
    const taskQueue = randomUUID();
    const asked = { namespace: temporal.namespace, taskQueue: { name: taskQueue }, identity: 'somebody' };
    const polling = temporal.client
      .withDeadline(Date.now() + 5_000, () => temporal.client.workflowService.pollActivityTaskQueue(asked))
      .catch(() => undefined);
    const pollers = async (nowMs: number): Promise<number | undefined> =>
      (await lookAtWork(temporal.client, { namespace: temporal.namespace, taskQueue, nowMs })).queues[1]?.pollers;
    await until(async () => (await pollers(Date.now())) === 1, { timeoutMs: 10_000, what: 'the server has seen it' });
    expect(await pollers(Date.now() + 3 * MINUTE_MS)).toBe(0);
    await polling;
  });
});
