import type { Client } from '@temporalio/client';
import type { ReadQueue } from '../../../activities/ports.ts';
import { defined } from '../../domain/defined.ts';
import { within } from '../errors.ts';
import { describeQueue, QUEUE_TYPES } from '../task-queue.ts';

/** What the server says of a queue of activities. */
export type QueueState = {
  /** As it estimates them. */
  readonly waiting: number;
  /** What was set for the queue; undefined: nothing. */
  readonly perSecond?: number;
  readonly pollers: number;
};

export async function readQueueState(client: Client, taskQueue: string): Promise<QueueState> {
  const { waiting, limit, pollers } = await describeQueue(client, {
    namespace: client.options.namespace,
    name: taskQueue,
    kind: 'activity',
  });
  return { waiting, ...defined({ perSecond: limit?.perSecond }), pollers: pollers.length };
}

/** The queue of the reads on the server. Its limit outlives every process, and no worker can get round it. */
export function createReadQueue(client: Client): ReadQueue {
  return {
    async limit({ taskQueue, perSecond, reason }) {
      const before = await readQueueState(client, taskQueue);
      if (before.perSecond === perSecond) return before.waiting;
      const rateLimit = perSecond === undefined ? {} : { rateLimit: { requestsPerSecond: perSecond } };
      await within({ client }, () =>
        client.workflowService.updateTaskQueueConfig({
          namespace: client.options.namespace,
          identity: client.options.identity,
          taskQueue,
          taskQueueType: QUEUE_TYPES.activity,
          updateQueueRateLimit: { ...rateLimit, reason },
        }),
      );
      return before.waiting;
    },
  };
}
