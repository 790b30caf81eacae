import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { NativeConnection } from '@temporalio/worker';
import type { TemporalLink } from '../../src/temporal/connect.ts';
import { createClockWitness } from '../../src/temporal/clock-witness.ts';
import { freshNamespace } from '../support/temporal-namespace.ts';
import { until } from '../support/until.ts';

describe("Temporal's clock", () => {
  let link: TemporalLink<NativeConnection>;

  beforeAll(async () => {
    link = await freshNamespace(inject('temporalAddress'), { searchAttributes: false });
  });
  afterAll(() => link.close());

  /** Asks for one task as a worker does. */
  async function poll(taskQueue: string): Promise<void> {
    const { client, namespace } = link;
    const asking = client.withDeadline(Date.now() + 5_000, () =>
      client.workflowService.pollActivityTaskQueue({ namespace, taskQueue: { name: taskQueue }, identity: 'test' }),
    );
    await asking.catch(() => undefined);
  }

  it('is not known while no worker was seen', async () => {
    const witness = createClockWitness({ client: link.client, namespace: link.namespace, taskQueue: 'nobody' });
    await expect(witness.lastSeenMs()).resolves.toBeUndefined();
  });

  it('is that of the last poll of a worker, to the second, and is asked for once however many records want to know', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    let monotonicMs = 0;
    const witness = createClockWitness({
      client: link.client,
      namespace: link.namespace,
      taskQueue: 'somebody',
      monotonicMs: () => monotonicMs,
    });
    const polling = poll('somebody');
    const seen = await until(
      async () => {
        monotonicMs += 5_000;
        return await witness.lastSeenMs();
      },
      { timeoutMs: 5_000, what: 'a poller' },
    );
    expect(seen).toBeGreaterThanOrEqual(before);
    expect(seen).toBeLessThanOrEqual(Date.now());
    await polling;
    await poll('somebody');
    await expect(witness.lastSeenMs()).resolves.toBe(seen);
    monotonicMs += 5_000;
    expect(await witness.lastSeenMs()).toBeGreaterThan(seen);
  });
});
