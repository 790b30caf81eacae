import type { Client } from '@temporalio/client';
import { defined } from '../domain/defined.ts';
import type { QueueKind, QueueSeen } from '../operator/doctor/ports.ts';
import { within } from './errors.ts';
import { millisOf } from './millis.ts';

/** `TaskQueueType` of the Temporal API. */
export const QUEUE_TYPES: Readonly<Record<QueueKind, number>> = { workflow: 1, activity: 2 };

type Queue = Pick<QueueSeen, 'name' | 'kind'> & { readonly namespace: string; readonly deadlineMs?: number };

/** What the server tells of a task queue: who asks for tasks, how many wait, as it estimates them, and its limit. Rejects with the client's errors. */
export async function describeQueue(client: Client, { namespace, name, kind, deadlineMs }: Queue): Promise<QueueSeen> {
  const queue = { namespace, taskQueue: { name }, taskQueueType: QUEUE_TYPES[kind], reportStats: true, reportConfig: true };
  const { pollers, stats, config } = await within({ client, ...defined({ deadlineMs }) }, () =>
    client.workflowService.describeTaskQueue(queue),
  );
  const { rateLimit, metadata } = config?.queueRateLimit ?? {};
  const limit = rateLimit && {
    perSecond: rateLimit.requestsPerSecond ?? 0,
    reason: oneLine(metadata?.reason),
    by: oneLine(metadata?.updateIdentity),
  };
  const waiting = Number(stats?.approximateBacklogCount ?? 0);
  return {
    name,
    kind,
    pollers: (pollers ?? []).map(({ identity, lastAccessTime }) => ({
      identity: oneLine(identity),
      lastSeenAtMs: millisOf(lastAccessTime),
    })),
    waiting,
    oldestMs: waiting === 0 ? 0 : millisOf(stats?.approximateBacklogAge),
    ...defined({ limit: limit ?? undefined }),
  };
}

/** What people wrote, for a terminal. */
export function oneLine(text: string | null | undefined): string {
  return (text ?? '').replace(/\p{C}+/gu, ' ').slice(0, 200);
}
