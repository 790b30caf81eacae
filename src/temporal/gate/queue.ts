import type { Client } from '@temporalio/client';
import type { ReadQueue } from '../../../activities/ports.ts';
import { defined } from '../../domain/defined.ts';
import { within } from '../errors.ts';
import { QUEUE_TYPES } from '../queue-types.ts';

/** What the server says of a queue of activities. */
export type QueueState = {
  /** As it estimates them. */
  readonly waiting: number;
  /** What was set for the queue; undefined: nothing. */
  readonly perSecond?: number;
  readonly pollers: number;
};

export async function readQueueState(client: Client, taskQueue: string): Promise<QueueState> {
  const { namespace } = client.options;
  const described = await within({ client }, () =>
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: QUEUE_TYPES.activity,
      reportStats: true,
      reportConfig: true,
    }),
  );
  return {
    waiting: Number(described.stats?.approximateBacklogCount ?? 0),
    ...defined({ perSecond: described.config?.queueRateLimit?.rateLimit?.requestsPerSecond ?? undefined }),
    pollers: described.pollers.length,
  };
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
